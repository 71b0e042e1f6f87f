import { type EventLog } from '../events/event-log.js';
import { type Log } from '../log.js';
import { steadyNowMs } from '../steady-clock.js';
import { afterAttempt } from './delivery-state.js';
import { type FeedbackDelivery } from './feedback-delivery.js';
import { type FeedbackOutbox } from './feedback-outbox.js';
import { type FeedbackRecord } from './feedback.js';
import { toRedactedLog } from './redacted-log.js';

const MAX_LOGGED_EVENTS = 1_000;
const LOG_PAGE_EVENTS = 100;
/** After an error of this service's own: the outbox can't be read or written now. */
const ERROR_DELAY_MS = 5_000;
/** Longer waits are taken in parts: a timer can't hold more than 24 days. */
const MAX_TIMER_MS = 60 * 60_000;

export interface FeedbackDispatcherPorts {
  outbox: FeedbackOutbox;
  /** `null`: there is nowhere to send it to. */
  delivery: FeedbackDelivery | null;
  eventLog: EventLog;
  log: Log;
}

/** The time, so that what waits for it can be tried without waiting. */
export interface DispatchTimes {
  /** Unix milliseconds. */
  nowMs: () => number;
  /** Runs it once after so long; returns what calls it off. */
  after: (delayMs: number, run: () => void) => () => void;
}

const SYSTEM_TIMES: DispatchTimes = {
  nowMs: steadyNowMs,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Sends what waits in the outbox: one after the other, in the background, again and again until it is settled. */
export class FeedbackDispatcher {
  /** Id → when it is due, in Unix milliseconds; 0: at once. */
  readonly #waiting = new Map<string, number>();
  readonly #stopped = new AbortController();
  /** The other side asked for nothing before this time. */
  #heldUntilMs = 0;
  #isSending = false;
  #sending: Promise<void> = Promise.resolve();
  #callOff: (() => void) | undefined;

  constructor(
    private readonly ports: FeedbackDispatcherPorts,
    private readonly times: DispatchTimes = SYSTEM_TIMES,
  ) {}

  get canDeliver(): boolean {
    return this.ports.delivery !== null;
  }

  /** Goes on with what the last run left, including what could not be sent anywhere until now. */
  async start(): Promise<void> {
    const { outbox } = this.ports;
    const [from, to] = this.canDeliver ? (['stored', 'pending'] as const) : (['pending', 'stored'] as const);
    for (const record of outbox.withStatus(from)) {
      await outbox.put({ ...record, status: to });
    }
    for (const record of outbox.withStatus('pending')) {
      this.#waiting.set(record.feedbackId, record.nextAttemptAtMs ?? 0);
    }
    this.#wake();
  }

  /** Something new is in the outbox. */
  add({ feedbackId, status, nextAttemptAtMs }: FeedbackRecord): void {
    if (status === 'pending') {
      this.#waiting.set(feedbackId, nextAttemptAtMs ?? 0);
      this.#wake();
    }
  }

  /** Breaks off an attempt that is under way: it is made again at the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#callOff?.();
    await this.#sending;
  }

  #wake(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    const next = this.#next();
    if (this.#isSending || this.#stopped.signal.aborted || next === undefined) {
      return;
    }
    const delayMs = Math.max(next.dueMs, this.#heldUntilMs) - this.times.nowMs();
    if (delayMs > 0) {
      this.#callOff = this.times.after(Math.min(delayMs, MAX_TIMER_MS), () => {
        this.#wake();
      });
      return;
    }
    this.#isSending = true;
    this.#sending = this.#send(next.feedbackId).finally(() => {
      this.#isSending = false;
      this.#wake();
    });
  }

  #next(): { feedbackId: string; dueMs: number } | undefined {
    let next: { feedbackId: string; dueMs: number } | undefined;
    for (const [feedbackId, dueMs] of this.#waiting) {
      if (next === undefined || dueMs < next.dueMs) {
        next = { feedbackId, dueMs };
      }
    }
    return next;
  }

  async #send(feedbackId: string): Promise<void> {
    const { outbox, log } = this.ports;
    try {
      const record = outbox.find(feedbackId);
      const sent = record && (await this.#attempt(record));
      if (sent) {
        await outbox.put(sent);
      }
      this.#settle(feedbackId, sent);
    } catch (error) {
      this.#waiting.set(feedbackId, this.times.nowMs() + ERROR_DELAY_MS);
      log.write('error', 'An attempt to send feedback went wrong; it is made again.', {
        feedbackId,
        err: error,
      });
    }
  }

  /** `undefined` when it was broken off. */
  async #attempt(record: FeedbackRecord): Promise<FeedbackRecord | undefined> {
    const { signal } = this.#stopped;
    const outcome = await this.ports.delivery?.deliver(record, await this.#logOf(record), signal);
    if (!outcome || signal.aborted) {
      return undefined;
    }
    const nowMs = this.times.nowMs();
    if (outcome.type !== 'refused' && outcome.waitMs !== null) {
      this.#heldUntilMs = nowMs + outcome.waitMs;
    }
    return afterAttempt(record, outcome, nowMs);
  }

  /** The events before it was given, as far as the thread still has them. */
  async #logOf({ includeLogs, threadId, lastSeq }: FeedbackRecord): Promise<string | null> {
    if (!includeLogs || threadId === null) {
      return null;
    }
    let text = '';
    for (let after = Math.max(0, lastSeq - MAX_LOGGED_EVENTS); after < lastSeq; after += LOG_PAGE_EVENTS) {
      const limit = Math.min(LOG_PAGE_EVENTS, lastSeq - after);
      text += toRedactedLog(await this.ports.eventLog.read(threadId, after, limit));
    }
    return text === '' ? null : text;
  }

  #settle(feedbackId: string, sent: FeedbackRecord | undefined): void {
    if (sent?.status === 'pending') {
      this.#waiting.set(feedbackId, sent.nextAttemptAtMs ?? 0);
      return;
    }
    this.#waiting.delete(feedbackId);
    if (sent) {
      const { status, attempts, lastError } = sent;
      this.ports.log.write('info', `Feedback ${status}.`, { feedbackId, attempts, lastError });
    }
  }
}
