import { type DeliveryOutcome } from './feedback-delivery.js';
import { type FeedbackRecord } from './feedback.js';

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 15 * 60_000;

/** After how long a failed attempt is repeated: 1 s, then twice as long each time, up to 15 minutes. */
export function backoffMs(attempts: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), MAX_DELAY_MS);
}

/** The record after an attempt. There is no last attempt: only a refusal ends them. */
export function afterAttempt(record: FeedbackRecord, outcome: DeliveryOutcome, nowMs: number): FeedbackRecord {
  const attempts = record.attempts + 1;
  switch (outcome.type) {
    case 'delivered': {
      const deliveredAt = new Date(nowMs).toISOString();
      return { ...record, attempts, status: 'delivered', lastError: null, nextAttemptAtMs: null, deliveredAt };
    }
    case 'refused':
      return { ...record, attempts, status: 'failed', lastError: outcome.reason, nextAttemptAtMs: null };
    case 'postponed': {
      const nextAttemptAtMs = nowMs + (outcome.waitMs ?? backoffMs(attempts));
      return { ...record, attempts, lastError: outcome.reason, nextAttemptAtMs };
    }
  }
}
