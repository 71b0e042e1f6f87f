import { randomUUID } from 'node:crypto';
import { ServiceError } from '../errors.js';
import { toKnownEvent } from '../events/catalogue.js';
import { type ThreadContext } from '../threads/thread-context.js';
import { type TurnRecord } from './turn-record.js';
import { toNewTurn, type TurnRequest } from './turn-request.js';
import { isFinal, lostTurnEvents, nextTurn, type TurnInput } from './turn-state.js';
import { type TokenCounts } from './usage-count.js';

/** The turns of one thread that are not over: the one which runs, and those that wait, in their order. */
export class TurnQueue {
  #active: TurnRecord | undefined;
  #queued: TurnRecord[] = [];
  #nextPosition: number;
  /** Of the turn that the active one runs within itself, as a review does. */
  #innerEngineTurnId: string | undefined;
  /** A turn of the engine's own is about to begin. */
  #isReserved = false;
  /** The thread's deletion, under way or done. */
  #closing: Promise<void> | undefined;
  /** The id that it is to have; the engine's without one. */
  #reservedTurnId: string | undefined;
  readonly #idleWaiters: (() => void)[] = [];
  /** The engine's id → ours, for every turn seen since the thread was opened: late items still find their turn. */
  readonly #ids = new Map<string, string>();

  constructor(
    private readonly threadId: string,
    private readonly context: ThreadContext,
    queued: readonly TurnRecord[],
  ) {
    this.#nextPosition = context.turns.nextPositions(threadId).turn;
    this.#queued = [...queued];
  }

  get active(): TurnRecord | undefined {
    return this.#active;
  }

  get queued(): readonly TurnRecord[] {
    return this.#queued;
  }

  /** The engine's name for what runs now, by which it is steered and interrupted. */
  get runningEngineTurnId(): string | null {
    return this.#innerEngineTurnId ?? this.#active?.engineTurnId ?? null;
  }

  /** The live state of a turn that is not over. */
  find(turnId: string): TurnRecord | undefined {
    return this.#active?.turnId === turnId ? this.#active : this.#queued.find((turn) => turn.turnId === turnId);
  }

  /** The same, or how it ended. */
  findAny(turnId: string): TurnRecord | undefined {
    return this.find(turnId) ?? this.context.turns.findTurn(this.threadId, turnId);
  }

  /** Our id of the engine's turn. */
  idOf(engineTurnId: string): string {
    return (
      this.#ids.get(engineTurnId) ?? this.context.turns.findByEngineId(this.threadId, engineTurnId) ?? engineTurnId
    );
  }

  /** The same, of a turn seen since the thread was opened. */
  knownIdOf(engineTurnId: string): string | undefined {
    return this.#ids.get(engineTurnId);
  }

  /** Adds a turn to the end of the queue; says so on the stream when it has to wait. */
  enqueue(request: TurnRequest): TurnRecord {
    if (this.#closing) {
      throw new ServiceError('thread_not_found', 'The thread was deleted meanwhile.');
    }
    const { recorder, maxQueuedTurns } = this.context;
    const mustWait = !this.isIdle;
    if (mustWait && this.#queued.length >= maxQueuedTurns) {
      throw new ServiceError(
        'rate_limited',
        `This thread has ${String(maxQueuedTurns)} turns waiting; try again later.`,
        {
          retryAfterSeconds: 5,
        },
      );
    }
    const turn = this.#create(request.turnId ?? randomUUID(), request);
    this.#queued.push(turn);
    recorder.turn(turn);
    if (mustWait) {
      const { threadId } = this;
      const payload = { turn: { id: turn.turnId, status: turn.status }, queue_position: this.#queued.length };
      recorder.event({ threadId, turnId: turn.turnId, event: toKnownEvent('turn/queued', payload) });
    }
    return turn;
  }

  /** Takes the next turn off the queue, if none is active, as one that goes to the engine now. */
  takeNext(): TurnRecord | undefined {
    const next = this.#active === undefined && !this.#isReserved ? this.#queued.shift() : undefined;
    if (next === undefined) {
      return undefined;
    }
    this.#active = next;
    return this.#apply(next, { type: 'submitted' });
  }

  /** Puts the active turn, which the engine could not be asked to run, back to the front. */
  putBack(): void {
    if (this.#active?.status === 'queued') {
      this.#queued.unshift(this.#apply(this.#active, { type: 'unsubmitted' }));
      this.#clearActive();
    }
  }

  /** The engine began a turn: ours, or one of its own accord (a compaction, a review). */
  started(engineTurnId: string): TurnRecord {
    this.#isReserved = false;
    if (this.#active?.status === 'queued') {
      this.#ids.set(engineTurnId, this.#active.turnId);
      return this.#apply(this.#active, { type: 'started', engineTurnId });
    }
    if (this.#active?.engineTurnId === engineTurnId) {
      return this.#active;
    }
    if (this.#active) {
      // A review announces the turn of its inner reviewer too, and then tells everything as of its own.
      this.#ids.set(engineTurnId, this.#active.turnId);
      this.#innerEngineTurnId = engineTurnId;
      return this.#active;
    }
    this.#active = this.#create(this.#reservedTurnId ?? engineTurnId, { input: [], options: {} });
    this.#reservedTurnId = undefined;
    this.#ids.set(engineTurnId, this.#active.turnId);
    return this.#apply(this.#active, { type: 'started', engineTurnId });
  }

  /** Whether nothing runs or waits. */
  get isIdle(): boolean {
    return !this.#active && this.#queued.length === 0 && !this.#isReserved;
  }

  /** Throws `turn_in_progress` unless nothing runs or waits. */
  requireIdle(): void {
    if (!this.isIdle) {
      throw new ServiceError('turn_in_progress', 'A turn is in progress; wait for it or interrupt it first.');
    }
  }

  /**
   * Keeps the queue still from here until the turn that the engine begins by itself has begun, under `turnId`. Throws
   * `turn_in_progress` unless the thread is idle, whatever it was when the caller began to prepare.
   */
  async reserve<T>(turnId: string | undefined, begin: () => Promise<T>): Promise<T> {
    this.requireIdle();
    this.#isReserved = true;
    this.#reservedTurnId = turnId;
    try {
      return await begin();
    } catch (error) {
      this.#unreserve();
      throw error;
    }
  }

  /** Takes no turn from here on, since the thread is being deleted; unless that fails. Whoever comes meanwhile waits for it. */
  async close(remove: () => Promise<void>): Promise<void> {
    this.#closing ??= remove();
    try {
      await this.#closing;
    } catch (error) {
      this.#closing = undefined;
      throw error;
    }
  }

  #unreserve(): void {
    this.#isReserved = false;
    this.#reservedTurnId = undefined;
  }

  /** Whether the engine means the active turn by this id. */
  isRunning(engineTurnId: string | null): boolean {
    return this.#active !== undefined && engineTurnId !== null && this.#ids.get(engineTurnId) === this.#active.turnId;
  }

  /** The active turn has used this much more. */
  used(counts: TokenCounts): void {
    if (this.#active) {
      this.#apply(this.#active, { type: 'used', counts });
    }
  }

  /** The same of a turn of which the engine died before it could tell all that it had used. */
  usedBefore(engineTurnId: string, counts: TokenCounts): void {
    const turn = this.context.turns.findTurn(this.threadId, this.idOf(engineTurnId));
    if (turn?.status === 'interrupted' && turn.isSubmitted) {
      this.#apply(turn, { type: 'used', counts });
    }
  }

  /** The active turn is over. */
  ended(end: { status: 'completed' | 'interrupted' | 'failed'; error: unknown }): TurnRecord | undefined {
    const turn = this.#active;
    if (!turn) {
      return undefined;
    }
    const ended = this.#apply(turn, { type: 'ended', ...end });
    this.#clearActive();
    return ended;
  }

  #clearActive(): void {
    this.#active = undefined;
    this.#innerEngineTurnId = undefined;
    for (const resolve of this.#idleWaiters.splice(0)) {
      resolve();
    }
  }

  /** Resolves when the active turn has ended, or waits again. */
  whenIdle(): Promise<void> {
    return this.#active ? new Promise((resolve) => this.#idleWaiters.push(resolve)) : Promise.resolve();
  }

  /** The engine died: what it was running is interrupted, and the stream is told, since the engine can't. */
  lost(reason: string): void {
    this.#unreserve();
    const turn = this.#active;
    if (turn?.status === 'in_progress') {
      const ended = this.ended({ status: 'interrupted', error: null });
      for (const event of lostTurnEvents(ended ?? turn, reason)) {
        this.context.recorder.event(event);
      }
      return;
    }
    if (turn) {
      // Asked for, but nobody knows whether it began: it is looked for in the history before it is run again.
      this.#queued.unshift(turn);
      this.#clearActive();
    }
  }

  /** Takes a waiting turn out of the queue for good. */
  cancel(turnId: string): TurnRecord | undefined {
    const turn = this.#queued.find((queued) => queued.turnId === turnId);
    if (!turn) {
      return undefined;
    }
    this.#queued = this.#queued.filter((queued) => queued !== turn);
    const cancelled = this.#apply(turn, { type: 'cancelled' });
    this.context.recorder.event({
      threadId: this.threadId,
      turnId,
      event: toKnownEvent('turn/cancelled', { turn: { id: turnId, status: cancelled.status } }),
    });
    return cancelled;
  }

  /** After a rollback: the next turn takes the place of the first dropped one. */
  rewind(position = this.#nextPosition): void {
    this.#nextPosition = position;
  }

  /** One without an authority is the engine's own, which runs already. */
  #create(turnId: string, request: Omit<TurnRequest, 'authority'> & Partial<TurnRequest>): TurnRecord {
    const position = this.#nextPosition;
    this.#nextPosition += 1;
    const createdAt = this.context.recorder.now().iso;
    const turn = toNewTurn(request, { turnId, threadId: this.threadId, position, createdAt });
    this.context.turnObserver.accepted(turn);
    return turn;
  }

  #apply(turn: TurnRecord, input: TurnInput): TurnRecord {
    const next = nextTurn(turn, input, this.context.recorder.now());
    if (next !== turn) {
      this.context.recorder.turn(next);
      if (isFinal(next) && !isFinal(turn)) {
        this.context.turnObserver.ended(next);
      }
      if (this.#active === turn && !isFinal(next)) {
        this.#active = next;
      }
    }
    return next;
  }
}
