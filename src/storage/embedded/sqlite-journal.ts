import { ServiceError } from '../../core/errors.js';
import { Journal, type JournalEntry } from '../../core/events/journal.js';
import { type RowNumbers, toSteps } from './journal-steps.js';
import { type SqliteReader } from './sqlite-reader.js';
import type { WriteStep } from './writer.worker.js';
import { type WriterThread } from './writer-thread.js';

/** A number whose events are not all deleted yet must not be given to another thread. */
const LAST_STREAM_NO = `
  SELECT max((SELECT max(stream_no) FROM streams), (SELECT coalesce(max(stream_no), 0) FROM leftovers))`;

/** What is written to a thread comes in bursts, so the threads of the moment are looked up once. */
const MAX_KNOWN_STREAMS = 10_000;

/**
 * One entry is one transaction of the writer thread; a call during another waits for its turn. There is no window to
 * gather in: the caller gathers while a write is under way, and a timer would only add its own length.
 */
export class SqliteJournal extends Journal implements RowNumbers {
  #lastWrite: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #nextStreamNo: number;
  /** By thread; the first known go first. */
  readonly #streamNos = new Map<string, number>();
  /** Larger than what any process before this one gave, and unique within this one, which is all that is needed. */
  #version = Date.now() * 1000;

  constructor(
    private readonly reader: SqliteReader,
    private readonly writer: WriterThread,
  ) {
    super();
    this.#nextStreamNo = Number(reader.get(LAST_STREAM_NO)?.[0]) + 1;
  }

  write(entry: JournalEntry): Promise<void> {
    return this.writeSteps(() => {
      const steps = toSteps(entry, this);
      entry.deletedThreadIds.forEach((threadId) => this.#streamNos.delete(threadId));
      return steps;
    });
  }

  /** One transaction, in its turn; the steps are made when the one before is done with. */
  writeSteps(makeSteps: () => WriteStep[]): Promise<void> {
    return this.#inTurn(() => this.writer.run(makeSteps()));
  }

  /** Gives some free pages of the database back to the disk, between two writes. */
  compact(): Promise<void> {
    return this.#inTurn(() => this.writer.run('compact'));
  }

  #inTurn(write: () => Promise<void>): Promise<void> {
    if (this.#isClosed) {
      return Promise.reject(new ServiceError('storage_unavailable', 'The server is stopping and stores nothing more.'));
    }
    const written = this.#lastWrite.then(write);
    this.#lastWrite = written.catch(() => undefined);
    return written;
  }

  /** Resolves when nothing is being written any more; further writes are refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lastWrite;
  }

  /**
   * Looked up when the write before is done with, so the reader knows every number that was used. One whose transaction
   * failed stays the thread's own: no other is ever given it.
   */
  streamNo(threadId: string): number {
    let streamNo = this.#streamNos.get(threadId);
    if (streamNo === undefined) {
      const row = this.reader.get('SELECT stream_no FROM streams WHERE thread_id = ?', threadId);
      streamNo = row ? Number(row[0]) : this.#nextStreamNo++;
      this.#streamNos.set(threadId, streamNo);
      const [oldest] = this.#streamNos.keys();
      if (oldest !== undefined && this.#streamNos.size > MAX_KNOWN_STREAMS) {
        this.#streamNos.delete(oldest);
      }
    }
    return streamNo;
  }

  nextVersion(): number {
    this.#version += 1;
    return this.#version;
  }
}
