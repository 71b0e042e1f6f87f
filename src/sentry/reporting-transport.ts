import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { makeNodeTransport, type NodeClient } from '@sentry/node';
import { type SentryAnswer } from './to-outcome.js';

type MakeTransport = ReturnType<NodeClient['getOptions']>['transport'];
type TransportOptions = Parameters<MakeTransport>[0];
type Transport = ReturnType<MakeTransport>;
type Envelope = Parameters<Transport['send']>[0];

const ATTEMPT_TIMEOUT_MS = 30_000;

/**
 * Sentry's transport for Node, which tells what became of an envelope; the client itself keeps that to itself. Each
 * envelope gets a transport of its own: one that has seen a rate limit would drop the next ones without a word.
 */
export class ReportingTransport {
  readonly #reports = new Map<string, { signal: AbortSignal; settle: (answer: Promise<SentryAnswer>) => void }>();

  /** For the client's options. */
  readonly make = (options: TransportOptions): Transport => ({
    send: (envelope) => this.#send(options, envelope),
    flush: () => Promise.resolve(true),
  });

  /** Runs `capture`, and settles with what was answered to the envelope of this event, or with why there is no answer. */
  async report(eventId: string, stop: AbortSignal, capture: () => void): Promise<SentryAnswer> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]);
    const answer = new Promise<SentryAnswer>((resolve, reject) => {
      this.#reports.set(eventId, { signal, settle: resolve });
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
    // It is awaited only once the event was taken.
    answer.catch(() => undefined);
    try {
      signal.throwIfAborted();
      capture();
      return await answer;
    } finally {
      this.#reports.delete(eventId);
    }
  }

  async #send(options: TransportOptions, envelope: Envelope): Promise<Awaited<ReturnType<Transport['send']>>> {
    const [{ event_id: eventId }] = envelope as [{ event_id?: string }, unknown];
    const report = eventId === undefined ? undefined : this.#reports.get(eventId);
    if (!report) {
      return {};
    }
    const { signal, settle } = report;
    const httpModule = toHttpModule(signal);
    const sent = Promise.resolve(makeNodeTransport({ ...options, keepAlive: false, httpModule }).send(envelope));
    settle(sent);
    return sent;
  }
}

/** Node's own client, ended by a signal: the transport itself would wait for ever. */
function toHttpModule(signal: AbortSignal): NonNullable<TransportOptions['httpModule']> {
  return {
    request: (options, onResponse) => {
      if (typeof options === 'string' || options instanceof URL) {
        throw new TypeError('The transport asks with options.');
      }
      const request = options.protocol === 'https:' ? requestHttps : requestHttp;
      return request({ ...options, signal }, onResponse);
    },
  };
}
