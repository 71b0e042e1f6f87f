import { type FeedbackRecord } from './feedback.js';

/**
 * How an attempt ended. `waitMs`: the other side asked not to be sent anything for so long. `refused`: it will never
 * take this one. `reason` is for the caller who looks at the outbox: it names no secret and no address.
 */
export type DeliveryOutcome =
  | { type: 'delivered'; waitMs: number | null }
  | { type: 'postponed'; waitMs: number | null; reason: string }
  | { type: 'refused'; reason: string };

/** Brings feedback to whoever reads it. */
export abstract class FeedbackDelivery {
  /**
   * One attempt. `log` is a redacted event log as JSON lines. The same feedback may be sent twice, when the answer to the
   * first attempt was lost; its id tells. Settles in bounded time, soon after `signal`, and never throws for what the
   * other side or the network does.
   */
  abstract deliver(feedback: FeedbackRecord, log: string | null, signal: AbortSignal): Promise<DeliveryOutcome>;
}
