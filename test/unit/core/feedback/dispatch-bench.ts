import { type StoredEvent } from '../../../../src/core/events/event.js';
import { EventLog } from '../../../../src/core/events/event-log.js';
import { FeedbackDelivery, type DeliveryOutcome } from '../../../../src/core/feedback/feedback-delivery.js';
import { FeedbackDispatcher } from '../../../../src/core/feedback/feedback-dispatcher.js';
import { FeedbackOutbox } from '../../../../src/core/feedback/feedback-outbox.js';
import { type FeedbackRecord } from '../../../../src/core/feedback/feedback.js';
import { type Page } from '../../../../src/core/threads/thread-index.js';

export class MemoryOutbox extends FeedbackOutbox {
  readonly records = new Map<string, FeedbackRecord>();
  /** The next writes that fail. */
  failures = 0;

  override put(record: FeedbackRecord): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      return Promise.reject(new Error('the disk is full'));
    }
    this.records.set(record.feedbackId, record);
    return Promise.resolve();
  }

  override find(feedbackId: string): FeedbackRecord | undefined {
    return this.records.get(feedbackId);
  }

  override list(): Page<FeedbackRecord> {
    return { data: [...this.records.values()], nextCursor: null };
  }

  override withStatus(status: string): FeedbackRecord[] {
    return [...this.records.values()].filter((record) => record.status === status);
  }
}

/** Answers attempts as it was told to, in order; an attempt without an answer waits for one, or for the signal. */
export class ScriptedDelivery extends FeedbackDelivery {
  readonly attempts: { id: string; log: string | null; atMs: number }[] = [];
  readonly outcomes: DeliveryOutcome[] = [];

  constructor(private readonly nowMs: () => number) {
    super();
  }

  override async deliver(
    { feedbackId: id }: FeedbackRecord,
    log: string | null,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    this.attempts.push({ id, log, atMs: this.nowMs() });
    const outcome = this.outcomes.shift();
    if (outcome) {
      return Promise.resolve(outcome);
    }
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    return { type: 'postponed', waitMs: null, reason: 'broken off' };
  }
}

/** A clock that moves only when it is told to, and then runs what has become due. */
export class FakeTimes {
  now = 1_767_000_000_000;
  #timers = new Map<number, () => void>();

  readonly nowMs = (): number => this.now;

  readonly after = (delayMs: number, run: () => void): (() => void) => {
    const due = this.now + delayMs;
    this.#timers.set(due, run);
    return () => {
      this.#timers.delete(due);
    };
  };

  /** What is waited for, in milliseconds from now. */
  get delays(): number[] {
    return [...this.#timers.keys()].map((due) => due - this.now);
  }

  async advance(ms: number): Promise<void> {
    this.now += ms;
    for (const [due, run] of this.#timers) {
      if (due <= this.now) {
        this.#timers.delete(due);
        run();
      }
    }
    await settled();
  }
}

/** Everything that waits for nothing but promises has run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class MemoryEventLog extends EventLog {
  events: StoredEvent[] = [];

  override read(_threadId: string | null, after: number, limit: number): Promise<StoredEvent[]> {
    return Promise.resolve(this.events.filter(({ seq }) => seq > after).slice(0, limit));
  }

  override bounds(): { earliestSeq: number; latestSeq: number } {
    return { earliestSeq: 1, latestSeq: this.events.length };
  }
}

/** A dispatcher on the given outbox, with everything else of its own. */
export class DispatchBench {
  readonly times: FakeTimes;
  readonly delivery: ScriptedDelivery;
  readonly eventLog = new MemoryEventLog();
  readonly logged: string[] = [];
  readonly dispatcher: FeedbackDispatcher;

  constructor(
    readonly outbox = new MemoryOutbox(),
    { canDeliver = true, times = new FakeTimes() } = {},
  ) {
    this.times = times;
    this.delivery = new ScriptedDelivery(times.nowMs);
    const delivery = canDeliver ? this.delivery : null;
    const log = {
      write: (level: string, message: string) => {
        this.logged.push(`${level}: ${message}`);
      },
    };
    this.dispatcher = new FeedbackDispatcher({ outbox, delivery, eventLog: this.eventLog, log }, times);
  }

  async add(record: FeedbackRecord): Promise<void> {
    await this.outbox.put(record);
    this.dispatcher.add(record);
    await settled();
  }
}
