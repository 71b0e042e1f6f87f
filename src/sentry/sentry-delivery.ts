import { type NodeClient } from '@sentry/node';
import { FeedbackDelivery, type DeliveryOutcome } from '../core/feedback/feedback-delivery.js';
import { type FeedbackRecord } from '../core/feedback/feedback.js';
import { ReportingTransport } from './reporting-transport.js';
import { openClient } from './sentry-client.js';
import { toOutcome } from './to-outcome.js';

/** Sends feedback as Sentry's user feedback, with a client of its own that watches nothing of this process. */
export class SentryDelivery extends FeedbackDelivery {
  readonly #client: NodeClient;
  readonly #transport = new ReportingTransport();

  /** Throws `invalid_request` for a DSN that isn't one. */
  constructor(dsn: string, version: string) {
    super();
    this.#client = openClient(dsn, version, this.#transport.make);
  }

  override async deliver(feedback: FeedbackRecord, log: string | null, signal: AbortSignal): Promise<DeliveryOutcome> {
    const eventId = feedback.feedbackId.replaceAll('-', '');
    try {
      const answer = await this.#transport.report(eventId, signal, () => {
        this.#client.captureEvent(toEvent(feedback), { event_id: eventId, attachments: toAttachments(log) });
      });
      return toOutcome(answer, Date.now());
    } catch (error) {
      return { type: 'postponed', waitMs: null, reason: `Sentry could not be reached (${codeOf(error)}).` };
    }
  }
}

type SentryEvent = Parameters<NodeClient['captureEvent']>[0];
type SentryAttachments = NonNullable<NonNullable<Parameters<NodeClient['captureEvent']>[1]>['attachments']>;

/** By https://develop.sentry.dev/sdk/data-model/envelope-items/#user-feedback; a message is required there. */
function toEvent({ classification, reason, threadId, feedbackId, createdAt }: FeedbackRecord): SentryEvent {
  const message = reason ?? `(${classification}, without a reason)`;
  return {
    type: 'feedback',
    level: 'info',
    timestamp: Date.parse(createdAt) / 1000,
    contexts: { feedback: { message, source: 'codex-web-server' } },
    tags: { classification, feedback_id: feedbackId, ...(threadId !== null && { thread_id: threadId }) },
  };
}

function toAttachments(log: string | null): SentryAttachments {
  return log === null ? [] : [{ filename: 'events.jsonl', data: log, contentType: 'application/jsonl' }];
}

/** `ECONNREFUSED`, `TimeoutError` …: without the address that the message names. */
function codeOf(error: unknown): string {
  const { code, name } = error as Partial<Record<'code' | 'name', unknown>>;
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error';
}
