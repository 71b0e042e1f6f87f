import { type Page } from '../threads/thread-index.js';
import { type DeliveryStatus, type FeedbackRecord } from './feedback.js';

/** Keeps feedback until it is delivered, and after. */
export abstract class FeedbackOutbox {
  /** Durable when it resolves; replaces the record with the same id. */
  abstract put(record: FeedbackRecord): Promise<void>;

  abstract find(feedbackId: string): FeedbackRecord | undefined;

  /** Newest first. Throws `invalid_request` for a cursor that it did not give. */
  abstract list(query: { limit: number; cursor?: string }): Page<FeedbackRecord>;

  /** Oldest first. */
  abstract withStatus(status: DeliveryStatus): FeedbackRecord[];
}
