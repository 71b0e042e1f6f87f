import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { type EventBus } from '../../../../src/core/events/event-bus.js';
import { type EventBounds, EventLog } from '../../../../src/core/events/event-log.js';
import { type StoredEvent, toStoredEvent } from '../../../../src/core/events/event.js';
import { Journal, type JournalEntry } from '../../../../src/core/events/journal.js';

/** The log of one process: what `append` was given, from `earliestSeq` on. */
export class MemoryEvents extends EventLog {
  readonly stored: StoredEvent[] = [];
  readonly reads: { after: number; limit: number }[] = [];
  earliestSeq = 1;
  /** Larger than the last event's when that is gone. */
  latestSeq = 0;
  /** Runs in the middle of each read, after what it will give was chosen. */
  duringRead: () => void = () => undefined;

  append(events: readonly StoredEvent[]): void {
    this.stored.push(...events);
  }

  override async read(threadId: string | null, after: number, limit: number): Promise<StoredEvent[]> {
    this.reads.push({ after, limit });
    const found = this.#of(threadId).filter((event) => numberOf(event, threadId) > after);
    await Promise.resolve();
    this.duringRead();
    await Promise.resolve();
    return found.slice(0, limit);
  }

  override bounds(threadId: string | null): EventBounds {
    const latest = this.#of(threadId).at(-1);
    return {
      earliestSeq: this.earliestSeq,
      latestSeq: Math.max(this.latestSeq, latest ? numberOf(latest, threadId) : 0),
    };
  }

  #of(threadId: string | null): StoredEvent[] {
    const own = this.stored.filter((event) => threadId === null || event.threadId === threadId);
    return own.filter((event) => numberOf(event, threadId) >= this.earliestSeq);
  }
}

function numberOf(event: StoredEvent, threadId: string | null): number {
  return threadId === null ? event.globalSeq : event.seq;
}

/** Writes to the memory; fails as often as it is told to, and may be held in the middle of a write. */
export class MemoryJournal extends Journal {
  readonly entries: JournalEntry[] = [];
  failures: Error[] = [];
  attempts = 0;
  hold: Promise<unknown> = Promise.resolve();

  constructor(private readonly events: MemoryEvents) {
    super();
  }

  override async write(entry: JournalEntry): Promise<void> {
    this.attempts += 1;
    await this.hold;
    const failure = this.failures.shift();
    if (failure) {
      throw failure;
    }
    this.entries.push(structuredClone(entry));
    this.events.append(entry.events);
  }
}

export function eventOf(threadId: string, seq: number, globalSeq = seq, text = ''): StoredEvent {
  const draft = { threadId, turnId: null, event: toServiceEvent('test/event', { text }) };
  return toStoredEvent(draft, seq, globalSeq, { ms: 0, iso: new Date(0).toISOString() });
}

/** Stores and publishes, in the order of the recorder. */
export function commit(events: MemoryEvents, bus: EventBus, batch: StoredEvent[]): void {
  events.append(batch);
  bus.publish(batch);
}
