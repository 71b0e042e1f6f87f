import { BehaviorSubject, distinctUntilChanged } from 'rxjs';
import { ServiceError } from '../errors.js';
import { type ApprovalRecord } from '../approvals/approval.js';
import { type ThreadRecord } from '../threads/thread-record.js';
import { type ItemRecord, type TurnRecord } from '../turns/turn-record.js';
import { InstantClock, type EventDraft, toStoredEvent } from './event.js';
import { type EventBus } from './event-bus.js';
import { type EventLog } from './event-log.js';
import { PendingBatch } from './pending-batch.js';
import { type DeletedItem, type Journal } from './journal.js';

/** A full disk may have room again; an entry that the store finds wrong in itself stays wrong. */
const MAX_INTERNAL_FAILURES = 3;
const RETRY_DELAYS_MS = [50, 200, 1000, 5000];
/** Of events that wait to be stored. Past it whoever makes them has to wait; below the half they go on. */
const MAX_BACKLOG_BYTES = 32 * 1024 * 1024;
/** Long after so many later ones, nothing is under way any more in a deleted thread. */
const MAX_DELETED_IDS = 10_000;

export interface RecorderOptions {
  /** What is in memory contradicts what is stored: only a new start, which reads it again, can go on. */
  onBroken?: (error: ServiceError) => void;
  maxBacklogBytes?: number;
}

/**
 * Numbers events, gathers them with the state that they imply, and publishes them once they are durable. One write is
 * under way at a time and the next gathers meanwhile, so the busier it is the larger the transactions. A write that
 * fails is tried again, unchanged, until it succeeds: what has a number is never lost and no number is used twice.
 */
export class EventRecorder {
  readonly #onBroken: (error: ServiceError) => void;
  readonly #maxBacklogBytes: number;
  readonly #clock = new InstantClock();
  /** The last number given, by thread. */
  readonly #sequences = new Map<string, number>();
  /** The last number that is durable, by thread. */
  readonly #committed = new Map<string, number>();
  /** Threads deleted last: what is still said of one, or done in it, has no place any more and is dropped. */
  readonly #deletedIds = new Set<string>();
  #globalSeq: number;
  #gathering = new PendingBatch();
  #isWriting = false;
  #backlogBytes = 0;
  readonly #isOverfull = new BehaviorSubject(false);
  /** Whether more waits to be stored than may: what can be held back has to be, or memory fills. */
  readonly isOverfull = this.#isOverfull.pipe(distinctUntilChanged());
  #revision = 0;
  #failure: ServiceError | undefined;
  #recovery = Promise.withResolvers<undefined>();

  constructor(
    private readonly journal: Journal,
    private readonly log: EventLog,
    private readonly bus: EventBus,
    { onBroken = failStop, maxBacklogBytes = MAX_BACKLOG_BYTES }: RecorderOptions = {},
  ) {
    this.#onBroken = onBroken;
    this.#maxBacklogBytes = maxBacklogBytes;
    this.#globalSeq = log.bounds(null).latestSeq;
  }

  /** Why nothing can be stored at the moment; `undefined` when all is well. */
  get failure(): ServiceError | undefined {
    return this.#failure;
  }

  /** Another number whenever anything may have changed that a reader sees: an answer made before is as good until then. */
  get revision(): number {
    return this.#revision;
  }

  /** Something changed that is not stored. */
  touch(): void {
    this.#revision += 1;
  }

  /** Unix milliseconds and RFC 3339. */
  now(): { ms: number; iso: string } {
    return this.#clock.now();
  }

  /** Gives the event its numbers. It is visible to no one until it is durable. */
  event(draft: EventDraft): void {
    if (draft.threadId !== null && this.#deletedIds.has(draft.threadId)) {
      return;
    }
    this.#globalSeq += 1;
    const seq = draft.threadId === null ? this.#globalSeq : this.#nextSeq(draft.threadId);
    const event = toStoredEvent(draft, seq, this.#globalSeq, this.#clock.now());
    this.#gathering.events.push(event);
    this.#backlogBytes += event.data.length;
    if (this.#backlogBytes > this.#maxBacklogBytes) {
      this.#isOverfull.next(true);
    }
    this.#wake();
  }

  thread(record: ThreadRecord): void {
    if (!this.#deletedIds.has(record.threadId)) {
      this.#gathering.threads.set(record.threadId, record);
      this.#wake();
    }
  }

  turn(record: TurnRecord): void {
    if (!this.#deletedIds.has(record.threadId)) {
      this.#gathering.turns.set(`${record.threadId}\n${record.turnId}`, record);
      this.#wake();
    }
  }

  item(record: ItemRecord): void {
    if (!this.#deletedIds.has(record.threadId)) {
      this.#gathering.items.set(`${record.threadId}\n${record.turnId}\n${record.itemId}`, record);
      this.#wake();
    }
  }

  /** An item that came to nothing. Its id is not used again. */
  deleteItem({ threadId, turnId, itemId }: DeletedItem): void {
    if (!this.#deletedIds.has(threadId)) {
      this.#gathering.items.delete(`${threadId}\n${turnId}\n${itemId}`);
      this.#gathering.deletedItems.push({ threadId, turnId, itemId });
      this.#wake();
    }
  }

  approval(record: ApprovalRecord): void {
    if (!this.#deletedIds.has(record.threadId)) {
      this.#gathering.approvals.set(record.approvalId, record);
      this.#wake();
    }
  }

  deleteThread(threadId: string): void {
    this.#gathering.deletedThreadIds.push(threadId);
    this.#sequences.delete(threadId);
    this.#deletedIds.add(threadId);
    const [oldest] = this.#deletedIds;
    if (oldest !== undefined && this.#deletedIds.size > MAX_DELETED_IDS) {
      this.#deletedIds.delete(oldest);
    }
    this.#wake();
  }

  deleteTurns(threadId: string, turnIds: readonly string[]): void {
    this.#gathering.deletedTurns.push(...turnIds.map((turnId) => ({ threadId, turnId })));
    this.#wake();
  }

  /** Throws `storage_unavailable` while nothing can be stored: asked before anything is begun that must not be lost. */
  requireHealthy(): void {
    if (this.#failure) {
      throw this.#failure;
    }
  }

  /** Resolves when everything handed over so far is durable. Rejects, with it kept, when that can't be said soon. */
  durable(): Promise<void> {
    if (this.#failure) {
      return Promise.reject(this.#failure);
    }
    if (!this.#isWriting && this.#gathering.isEmpty) {
      return Promise.resolve();
    }
    return this.#gathering.durable();
  }

  /** Resolves once what could not be stored is stored; at once while nothing is wrong. */
  async recovered(): Promise<void> {
    if (this.#failure) {
      await this.#recovery.promise;
    }
  }

  /** As `durable`, for as long as it takes. */
  async stored(): Promise<void> {
    let isStored = false;
    while (!isStored) {
      await this.recovered();
      isStored = await this.durable().then(
        () => true,
        () => false,
      );
    }
  }

  /** The server-wide number of the last durable event; 0 when there is none. */
  get committedGlobalSeq(): number {
    return this.log.bounds(null).latestSeq;
  }

  /** The number of the thread's last durable event; 0 when it has none. */
  committedSeq(threadId: string): number {
    let seq = this.#committed.get(threadId);
    if (seq === undefined) {
      seq = this.log.bounds(threadId).latestSeq;
      this.#committed.set(threadId, seq);
    }
    return seq;
  }

  /** Forgets a thread's counter; it is read from the log again when needed. */
  forget(threadId: string): void {
    this.#sequences.delete(threadId);
    this.#committed.delete(threadId);
  }

  #nextSeq(threadId: string): number {
    const seq = (this.#sequences.get(threadId) ?? this.log.bounds(threadId).latestSeq) + 1;
    this.#sequences.set(threadId, seq);
    return seq;
  }

  #wake(): void {
    this.#revision += 1;
    if (this.#isWriting) {
      return;
    }
    this.#isWriting = true;
    // What the same turn of the event loop still hands over belongs to the same transaction. To wait for the other pipes and
    // sockets too, by `setImmediate`, makes fewer transactions but not more turns a second (measured).
    queueMicrotask(() => void this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    do {
      const batch = this.#gathering;
      this.#gathering = new PendingBatch();
      await this.#write(batch);
      for (const { threadId, seq, data } of batch.events) {
        this.#backlogBytes -= data.length;
        if (threadId !== null) {
          this.#committed.set(threadId, seq);
        }
      }
      for (const threadId of batch.deletedThreadIds) {
        this.#committed.delete(threadId);
      }
      this.#revision += 1;
      batch.settle();
      this.bus.publish(batch.events);
      if (this.#backlogBytes < this.#maxBacklogBytes / 2) {
        this.#isOverfull.next(false);
      }
    } while (!this.#gathering.isEmpty || this.#gathering.isAwaited);
    this.#isWriting = false;
  }

  #healed(): void {
    if (this.#failure) {
      this.#failure = undefined;
      this.#recovery.resolve(undefined);
      this.#recovery = Promise.withResolvers<undefined>();
    }
  }

  async #write(batch: PendingBatch): Promise<void> {
    if (batch.isEmpty) {
      return;
    }
    const entry = batch.toEntry();
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.journal.write(entry);
        this.#healed();
        return;
      } catch (error) {
        this.#failure = ServiceError.from(error);
        batch.fail(this.#failure);
        this.#gathering.fail(this.#failure);
        if (this.#failure.code === 'internal' && attempt >= MAX_INTERNAL_FAILURES) {
          this.#onBroken(this.#failure);
        }
        await delay(RETRY_DELAYS_MS[Math.min(attempt, RETRY_DELAYS_MS.length - 1)] ?? 0);
      }
    }
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** Ends the process, as for any error that nobody handles. */
function failStop(error: ServiceError): void {
  queueMicrotask(() => {
    throw error;
  });
}
