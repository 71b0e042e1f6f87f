import { setTimeout as pause } from 'node:timers/promises';
import { ProtectedTurns } from './protected-turns.js';
import { type KeptEvent, type Plan, toOutdated, toOverlong } from './retention-plan.js';
import { EVENT_ROW_BYTES, SERVER_STREAM_NO } from './schema.js';
import { type SqliteJournal } from './sqlite-journal.js';
import { type SqliteReader } from './sqlite-reader.js';
import { ROWS_AT_ONCE } from './thread-deletion.js';
import { deleteLeftovers } from './thread-leftovers.js';

export interface RetentionLimits {
  eventRetentionMs: number;
  maxEventsPerThread: number;
  maxEventBytes: number;
}

export interface SweepResult {
  deletedEvents: number;
  freedPages: number;
}

/** Free pages are used again, so some are left in the file: giving all back would only move pages to and fro. */
const SPARE_PAGES = 2_048;
const SPARE_PART = 0.1;

/** Of each transaction's time, how long the writer is left to others after it. */
const PAUSE_FACTOR = 4;
const STREAMS_AT_ONCE = 200;

const OVERLONG = `
  SELECT s.stream_no, s.thread_id, s.latest_seq,
    (SELECT min(e.seq) FROM events e WHERE e.stream_no = s.stream_no) AS earliest_seq
  FROM streams s WHERE s.stream_no > ? AND s.latest_seq > ? ORDER BY s.stream_no LIMIT ${STREAMS_AT_ONCE.toString()}`;
const FRONT = `
  SELECT ?1, seq, global_seq, turn_id, emitted_at_ms, octet_length(data), ?2 FROM events
  WHERE stream_no = ?1 AND seq <= ?3 ORDER BY seq LIMIT ${ROWS_AT_ONCE.toString()}`;
const OLDEST = `
  SELECT e.stream_no, e.seq, e.global_seq, e.turn_id, e.emitted_at_ms, octet_length(e.data), s.thread_id
  FROM events e CROSS JOIN streams s ON s.stream_no = e.stream_no
  WHERE e.global_seq > ? ORDER BY e.global_seq LIMIT ${ROWS_AT_ONCE.toString()}`;

/**
 * Deletes the events that need not be kept any more, the oldest of a thread first, so that what is kept of it has no hole,
 * and none from the first event on of a turn that isn't over or that an approval waits for. Threads, turns and items
 * stay. It works in small transactions between those of the journal, and leaves the writer alone for most of the time.
 */
export class SqliteRetention {
  constructor(
    private readonly parts: { reader: SqliteReader; journal: SqliteJournal },
    private readonly limits: RetentionLimits,
    private readonly nowMs: () => number,
  ) {}

  /** The size of all events, as `maxEventBytes` limits it. */
  get eventBytes(): number {
    return Number(this.parts.reader.get('SELECT event_bytes FROM streams WHERE stream_no = ?', SERVER_STREAM_NO)?.[0]);
  }

  /** Goes through everything once. Ends early, with what is done so far, when it is told to. */
  async sweep(signal: AbortSignal): Promise<SweepResult> {
    await this.#deleteLeftovers(signal);
    const deletedEvents = (await this.#cutOverlong(signal)) + (await this.#deleteOldest(signal));
    return { deletedEvents, freedPages: await this.#compact(signal) };
  }

  async #deleteLeftovers(signal: AbortSignal): Promise<void> {
    const { reader, journal } = this.parts;
    let isMore = true;
    while (isMore && !signal.aborted) {
      isMore = await this.#atLeisure(() => deleteLeftovers(reader, journal));
    }
  }

  /** Threads with more events than are kept of one. */
  async #cutOverlong(signal: AbortSignal): Promise<number> {
    const { reader } = this.parts;
    const { maxEventsPerThread } = this.limits;
    let count = 0;
    let lastStreamNo = SERVER_STREAM_NO;
    for (;;) {
      const streams = reader.all(OVERLONG, lastStreamNo, maxEventsPerThread) as OverlongRow[];
      for (const [streamNo, threadId, latestSeq, earliestSeq] of streams) {
        const lastSeq = latestSeq - maxEventsPerThread;
        if (earliestSeq !== null && earliestSeq <= lastSeq) {
          count += await this.#cut({ streamNo, threadId, lastSeq }, signal);
        }
        lastStreamNo = streamNo;
      }
      if (streams.length < STREAMS_AT_ONCE || signal.aborted) {
        return count;
      }
      await pause(0);
    }
  }

  async #cut(stream: { streamNo: number; threadId: string; lastSeq: number }, signal: AbortSignal): Promise<number> {
    const { reader } = this.parts;
    let count = 0;
    let plan: Plan;
    do {
      const rows = reader.all(FRONT, stream.streamNo, stream.threadId, stream.lastSeq) as EventRow[];
      plan = toOverlong(rows.map(toKept), ProtectedTurns.read(reader));
      await this.#delete(plan);
      count += plan.count;
    } while (plan.isMore && !signal.aborted);
    return count;
  }

  /** Events that are too old, or that the others need the room of. */
  async #deleteOldest(signal: AbortSignal): Promise<number> {
    const { reader } = this.parts;
    const before = this.nowMs() - this.limits.eventRetentionMs;
    const passedOver = new Set<number>();
    let count = 0;
    let after = 0;
    let plan: Plan;
    do {
      const rows = (reader.all(OLDEST, after) as EventRow[]).map(toKept);
      // Read after the events: whatever is not over by now was not over when they were read.
      const protectedTurns = ProtectedTurns.read(reader);
      const excessBytes = this.eventBytes - this.limits.maxEventBytes;
      plan = toOutdated(rows, { before, excessBytes, protectedTurns, passedOver });
      after = Math.max(after, plan.decidedUpTo);
      await this.#delete(plan);
      count += plan.count;
    } while (plan.isMore && !signal.aborted);
    return count;
  }

  async #delete({ bytes, lastSeqs, count }: Plan): Promise<void> {
    if (count === 0) {
      await pause(0);
      return;
    }
    const counting = 'UPDATE streams SET event_bytes = max(0, event_bytes - ?) WHERE stream_no = ?';
    const deleting = 'DELETE FROM events WHERE stream_no = ? AND seq <= ?';
    await this.#atLeisure(() =>
      this.parts.journal.writeSteps(() => [
        { sql: counting, width: 2, values: [bytes, SERVER_STREAM_NO] },
        { sql: deleting, width: 2, values: [...lastSeqs].flat() },
      ]),
    );
  }

  /** Gives free pages back to the disk until the file has only some to spare. */
  async #compact(signal: AbortSignal): Promise<number> {
    const { reader, journal } = this.parts;
    const count = (name: string): number => Number(reader.get(`PRAGMA ${name}`)?.[0]);
    const pagesBefore = count('page_count');
    while (!signal.aborted && count('freelist_count') > Math.max(SPARE_PAGES, count('page_count') * SPARE_PART)) {
      const pages = count('page_count');
      await this.#atLeisure(() => journal.compact());
      if (count('page_count') === pages) {
        break;
      }
    }
    return Math.max(0, pagesBefore - count('page_count'));
  }

  async #atLeisure<T>(work: () => Promise<T>): Promise<T> {
    const beganMs = performance.now();
    const result = await work();
    await pause((performance.now() - beganMs) * PAUSE_FACTOR);
    return result;
  }
}

type OverlongRow = [streamNo: number, threadId: string, latestSeq: number, earliestSeq: number | null];
type EventRow = [number, number, number, string | null, number, number, string];

function toKept([streamNo, seq, globalSeq, turnId, emittedAtMs, dataBytes, threadId]: EventRow): KeptEvent {
  return { streamNo, threadId, seq, globalSeq, turnId, emittedAtMs, bytes: dataBytes + EVENT_ROW_BYTES };
}
