export const FEEDBACK_CLASSES = ['bug', 'bad_result', 'good_result', 'other'] as const;
export type FeedbackClass = (typeof FEEDBACK_CLASSES)[number];

/** `stored`: there is nowhere to send it to. `failed`: the other side refused it for good. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'stored', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface FeedbackRecord {
  /** A UUID. */
  feedbackId: string;
  /** Stands for the token of whoever gave it. */
  callerId: string;
  classification: FeedbackClass;
  reason: string | null;
  threadId: string | null;
  includeLogs: boolean;
  /** The thread's last event when it was given: what came later is no part of it. */
  lastSeq: number;
  /** RFC 3339, UTC, milliseconds. */
  createdAt: string;
  status: DeliveryStatus;
  attempts: number;
  lastError: string | null;
  /** Unix milliseconds; when it is due to be sent (again). */
  nextAttemptAtMs: number | null;
  deliveredAt: string | null;
}
