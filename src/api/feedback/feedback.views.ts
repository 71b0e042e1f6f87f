import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  FEEDBACK_CLASSES,
  type FeedbackClass,
  type FeedbackRecord,
} from '../../core/feedback/feedback.js';
import { type View } from '../../http/view.js';

@ApiSchema({ description: 'Feedback that was taken: it is stored, and will be sent.' })
export class FeedbackReceiptDto {
  feedback_id!: string;

  @ApiProperty({ type: String, nullable: true })
  thread_id!: string | null;
}

@ApiSchema({ description: 'Feedback, and what became of it.' })
export class FeedbackDto {
  feedback_id!: string;

  @ApiProperty({ type: String, nullable: true })
  thread_id!: string | null;

  @ApiProperty({ enum: FEEDBACK_CLASSES })
  classification!: FeedbackClass;

  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;

  include_logs!: boolean;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  /**
   * `pending`: it is sent until it arrives. `stored`: this server has nowhere to send it to (`SENTRY_DSN`); once it has,
   * it is sent. `failed`: it was refused for good.
   */
  @ApiProperty({ enum: DELIVERY_STATUSES })
  status!: DeliveryStatus;

  /** How often it was tried to send it. */
  @ApiProperty({ type: 'integer' })
  attempts!: number;

  @ApiProperty({ type: String, nullable: true, description: 'Why the last attempt failed.' })
  last_error!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it is sent again. `null`: as soon as possible, or not any more.',
  })
  next_attempt_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  delivered_at!: string | null;
}

@ApiSchema({ description: 'A page of feedback.' })
export class FeedbackPageDto {
  data!: FeedbackDto[];

  /** For the next page; `null` on the last. */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;
}

export function toFeedbackReceipt({ feedbackId, threadId }: FeedbackRecord): View<FeedbackReceiptDto> {
  return { feedback_id: feedbackId, thread_id: threadId };
}

export function toFeedback(record: FeedbackRecord): View<FeedbackDto> {
  const { nextAttemptAtMs } = record;
  return {
    ...toFeedbackReceipt(record),
    classification: record.classification,
    reason: record.reason,
    include_logs: record.includeLogs,
    created_at: record.createdAt,
    status: record.status,
    attempts: record.attempts,
    last_error: record.lastError,
    next_attempt_at: nextAttemptAtMs === null ? null : new Date(nextAttemptAtMs).toISOString(),
    delivered_at: record.deliveredAt,
  };
}
