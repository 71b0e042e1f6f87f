import { FeedbackDelivery, type DeliveryOutcome } from '../core/feedback/feedback-delivery.js';
import { type FeedbackRecord } from '../core/feedback/feedback.js';
import { EnvelopeSender } from './envelope-sender.js';
import { parseDsn } from './parse-dsn.js';
import { toEnvelope } from './to-envelope.js';
import { toOutcome } from './to-outcome.js';

export interface SentryOptions {
  dsn: string;
  version: string;
  /** Where proxies are named. */
  env?: Readonly<Record<string, string | undefined>>;
}

/** Sends feedback as Sentry's user feedback, and nothing of this process or its host. */
export class SentryDelivery extends FeedbackDelivery {
  readonly #sender: EnvelopeSender;
  readonly #version: string;

  /** Throws `invalid_request` for a DSN that isn't one. */
  constructor({ dsn, version, env = {} }: SentryOptions) {
    super();
    this.#sender = new EnvelopeSender({ project: parseDsn(dsn), version, env });
    this.#version = version;
  }

  override async deliver(feedback: FeedbackRecord, log: string | null, signal: AbortSignal): Promise<DeliveryOutcome> {
    const envelope = toEnvelope(feedback, log, { version: this.#version, sentAt: new Date() });
    try {
      return toOutcome(await this.#sender.send(envelope, signal), Date.now());
    } catch (error) {
      return { type: 'postponed', waitMs: null, reason: `Sentry could not be reached (${codeOf(error)}).` };
    }
  }
}

/** `ECONNREFUSED`, `TimeoutError` …: without the address that the message names. */
function codeOf(error: unknown): string {
  const { code, name } = error as Partial<Record<'code' | 'name', unknown>>;
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error';
}
