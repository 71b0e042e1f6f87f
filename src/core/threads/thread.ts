import { PendingApprovals } from '../approvals/pending-approvals.js';
import { type ApprovalAnswer } from '../approvals/approval-answer.js';
import { type ApprovalRecord } from '../approvals/approval.js';
import { type EngineNotification, type EngineQuestion, type EngineThread } from '../engine/engine.js';
import { type Payload } from '../engine/payload.js';
import { ServiceError, unless } from '../errors.js';
import { type ServiceEvent } from '../events/catalogue.js';
import { type OperationRef } from '../idempotency/operation-ref.js';
import { type LimitedOptions } from '../permissions/asks.js';
import { type Authority, requireWithin, toInForce } from '../permissions/authority.js';
import { findSteered } from '../turns/find-steered.js';
import { ItemRegistry } from '../turns/item-registry.js';
import { TokenCounter } from '../turns/token-counter.js';
import { ToolResults } from '../turns/tool-results.js';
import { TurnQueue, type TurnRequest } from '../turns/turn-queue.js';
import { requirePaths } from '../turns/turn-paths.js';
import { TurnRunner } from '../turns/turn-runner.js';
import { type TurnRecord } from '../turns/turn-record.js';
import { type ThreadContext } from './thread-context.js';
import { isRetry, recordChange, toRecordChange, withOwnIds } from './thread-events.js';
import { SignalBuffer } from './signal-buffer.js';
import { ThreadLoader } from './thread-loader.js';
import { type ThreadRecord } from './thread-record.js';
import { type ThreadStatus, withThreadStatus } from './thread-status.js';

export const BUSY_CHOICES = ['queue', 'steer', 'reject'] as const;
const BUSY_ADVICE = 'submit with on_busy "queue" or "steer"';
export type OnBusy = (typeof BUSY_CHOICES)[number];

/** One live thread: what it is, what runs in it, and what waits. All changes of a thread go through here, in order. */
export class Thread {
  readonly approvals: PendingApprovals;
  readonly turns: TurnQueue;
  readonly loader: ThreadLoader;
  readonly items: ItemRegistry;
  readonly runner: TurnRunner;
  readonly toolResults: ToolResults;
  readonly #hold = new SignalBuffer();
  #record: ThreadRecord;
  readonly #tokens: TokenCounter;
  #hasFailed = false;
  #lastUsedMs = performance.now();

  constructor(
    record: ThreadRecord,
    private readonly context: ThreadContext,
    queued: readonly TurnRecord[] = [],
  ) {
    this.#record = record;
    this.approvals = new PendingApprovals(record.threadId, context);
    this.turns = new TurnQueue(record.threadId, context, queued);
    this.#tokens = new TokenCounter(this.turns, record.tokenUsage);
    this.items = new ItemRegistry(record.threadId, context);
    this.loader = new ThreadLoader(this, context);
    this.runner = new TurnRunner(this, context);
    this.toolResults = new ToolResults(this, context.approvals);
    for (const turn of queued.filter(({ isSubmitted }) => isSubmitted)) {
      this.loader.suspect(turn.turnId);
    }
  }

  readonly #toOwnId = (engineId: string): string | undefined =>
    engineId === this.#record.engineThreadId ? this.threadId : this.turns.knownIdOf(engineId);

  get threadId(): string {
    return this.#record.threadId;
  }

  get record(): ThreadRecord {
    return this.#record;
  }

  get status(): ThreadStatus {
    if (this.approvals.pendingCount > 0) {
      return 'waiting';
    }
    if (this.turns.active) {
      return 'active';
    }
    if (this.#hasFailed) {
      return 'error';
    }
    return this.loader.isLoaded ? 'idle' : 'not_loaded';
  }

  /** Whether nothing would be lost by forgetting this object. */
  get isQuiet(): boolean {
    return this.turns.isIdle && this.approvals.pendingCount === 0;
  }

  /** For how long nobody asked for it and nothing happened in it. */
  get idleMs(): number {
    return performance.now() - this.#lastUsedMs;
  }

  /** Somebody is about to work with it. */
  touch(): void {
    this.#lastUsedMs = performance.now();
  }

  /** Changes the record and stores it. `updatedAt` moves with it unless told otherwise. */
  change(change: Partial<ThreadRecord>): void {
    this.#record = { ...this.#record, updatedAt: this.context.recorder.now().iso, ...change };
    this.context.recorder.thread(this.#record);
  }

  /** Takes over what the engine says about the thread when it loads it. */
  describe(engineThread: EngineThread): void {
    const { updatedAt } = this.#record;
    this.change({ ...toRecordChange(engineThread), updatedAt });
  }

  /** Throws `forbidden` unless the caller may ask for what would run here with these options, after all that waits. */
  requireWithin(authority: Authority, options: LimitedOptions = {}): void {
    const turns = [this.turns.active, ...this.turns.queued].filter((turn) => turn !== undefined);
    const inForce = turns.reduce<LimitedOptions>(
      (before, turn) => toInForce(before, turn.options),
      this.#record.options,
    );
    requireWithin(authority, options, inForce);
  }

  /** Has the thread in the engine, for a caller who is about to have something done in it. Throws `forbidden`. */
  async prepare(authority: Authority): Promise<void> {
    this.requireWithin(authority);
    await this.loader.load();
  }

  /**
   * Accepts a turn: durable when this resolves. It runs at once when the thread is idle, and the engine's refusal of
   * it is then this call's error; else it waits, steers the running turn, or is refused, as `onBusy` says. With the id of
   * a turn that was accepted already, that one is the answer.
   */
  async submit(request: TurnRequest, onBusy: OnBusy): Promise<TurnRecord> {
    const known = this.#findSubmitted(request);
    if (known) {
      return known;
    }
    this.context.recorder.requireHealthy();
    this.requireWithin(request.authority, request.options);
    const { active } = this.turns;
    if (!this.turns.isIdle && onBusy === 'reject') {
      throw new ServiceError('turn_in_progress', `A turn is in progress; wait for it, or ${BUSY_ADVICE}.`);
    }
    return active && onBusy === 'steer'
      ? this.steer(active.turnId, request.input, request.authority, toOperation(request))
      : this.runner.accept(request);
  }

  #findSubmitted({ turnId, isRetry }: TurnRequest): TurnRecord | undefined {
    if (turnId === undefined) {
      return undefined;
    }
    return this.turns.findAny(turnId) ?? (isRetry ? this.#findSteered(turnId) : undefined);
  }

  #findSteered(operationId: string): TurnRecord | undefined {
    const turnId = findSteered(this.context.turns, this.threadId, operationId);
    return turnId === undefined ? undefined : this.turns.findAny(turnId);
  }

  /**
   * Adds input to the running turn. Throws `turn_not_active` when it does not run, `forbidden` as a submit. What an
   * earlier attempt of the operation has added is not added again.
   */
  async steer(
    turnId: string,
    input: readonly unknown[],
    authority: Authority,
    operation?: OperationRef,
  ): Promise<TurnRecord> {
    const steered = operation?.isRetry ? this.#findSteered(operation.id) : undefined;
    if (steered) {
      return steered;
    }
    this.requireWithin(authority);
    await this.loader.requireFolder();
    await requirePaths(this.context.workspace, { input, options: {} });
    const { turn, engineTurnId } = await this.runner.requireRunning(turnId);
    const parts = this.context.uploads.toEngineInput(input);
    const more = { input: parts, ...(operation && { clientId: operation.id }) };
    await this.context.engine.steerTurn(this.#record.engineThreadId, engineTurnId, more);
    return this.turns.find(turnId) ?? turn;
  }

  /**
   * Interrupts the running turn, or cancels one that waits. The turn's end is told on the stream. Throws
   * `turn_not_active` for one that is over, unless it ended by another interrupt at the same time.
   */
  async interrupt(turnId: string): Promise<TurnRecord> {
    const cancelled = this.turns.cancel(turnId) ?? (await this.#cancelHandedOver(turnId));
    if (cancelled) {
      await this.context.recorder.durable();
      return cancelled;
    }
    const { turn, engineTurnId } = await this.runner.requireRunning(turnId);
    await this.context.engine.interruptTurn(this.#record.engineThreadId, engineTurnId).catch((error: unknown) => {
      if (this.turns.findAny(turnId)?.status !== 'interrupted') {
        throw error;
      }
    });
    return this.turns.findAny(turnId) ?? turn;
  }

  /** One that was going to the engine is back in the queue if the engine could not take it. */
  async #cancelHandedOver(turnId: string): Promise<TurnRecord | undefined> {
    await this.runner.whenBegun(turnId);
    return this.turns.cancel(turnId);
  }

  /**
   * Answers one of the thread's approvals; `cancel` ends the turn even where the engine's own answer has no word for it.
   * The retry of an operation that has answered it already gets the approval.
   */
  async answer(approvalId: string, answer: ApprovalAnswer, operation?: OperationRef): Promise<ApprovalRecord> {
    const interrupt = async (turnId: string | null): Promise<void> => {
      if (turnId !== null && this.turns.active?.turnId === turnId) {
        await this.interrupt(turnId).catch(unless('turn_not_active'));
      }
    };
    return this.approvals.answer(approvalId, answer, { operation, interrupt });
  }

  /** What the engine said about this thread. Hot: each delta of each turn passes here. */
  notify(notification: EngineNotification): void {
    if (this.#hold.isHolding) {
      this.#hold.keep(() => {
        this.notify(notification);
      });
      return;
    }
    const { engineTurnId, event: said } = notification;
    this.#beforeEvent(engineTurnId, said);
    this.#tokens.hear(engineTurnId, said);
    const turnId = engineTurnId === null ? null : this.turns.idOf(engineTurnId);
    const event = turnId === null ? said : this.items.translate(turnId, said);
    const counted = this.#tokens.withUsage(turnId, event);
    const told = withOwnIds(withThreadStatus(counted, this.approvals.pendingCount), this.#toOwnId);
    this.context.recorder.event({ threadId: this.threadId, turnId, event: told });
    if (turnId !== null) {
      this.items.take(turnId, event);
    }
    const change = recordChange(this.#record, event);
    if (change) {
      this.change(change);
    }
    this.#afterEvent(turnId, event);
    if (isRetry(event)) {
      this.items.abandon(turnId ?? this.turns.active?.turnId ?? '');
    }
  }

  ask(asked: EngineQuestion): void {
    if (this.#hold.isHolding) {
      this.#hold.keep(() => {
        this.ask(asked);
      });
      return;
    }
    const turnId =
      asked.engineTurnId === null ? (this.turns.active?.turnId ?? null) : this.turns.idOf(asked.engineTurnId);
    this.toolResults.raised(this.approvals.raise(this.items.translateQuestion(turnId, asked), turnId));
  }

  /** The history was cut: the next turn takes the place `position`, and what was used in those that are gone counts no more. */
  rewound(position: number | undefined): void {
    this.turns.rewind(position);
    this.#tokens.reset();
  }

  /** The engine process is gone. */
  engineDied(reason: string): void {
    this.#hold.drop();
    this.runner.callOff();
    this.loader.lost();
    this.approvals.expireAll();
    if (this.turns.active?.status === 'queued') {
      this.loader.suspect(this.turns.active.turnId);
    }
    if (this.turns.active) {
      this.items.endTurn(this.turns.active.turnId);
    }
    this.turns.lost(reason);
  }

  #beforeEvent(engineTurnId: string | null, event: ServiceEvent): void {
    if (event.type === 'turn/started' && engineTurnId !== null) {
      this.turns.started(engineTurnId);
      this.runner.begun();
    } else if (event.type === 'thread/closed') {
      this.loader.closed();
    } else if (event.type === 'thread/status/changed') {
      this.#statusChanged(event.payload.status);
    }
  }

  /** The engine says it of threads that it loaded by itself too, as it does for its own agents. */
  #statusChanged({ type }: Payload): void {
    this.#hasFailed = type === 'system_error';
    if (type === 'not_loaded') {
      this.loader.closed();
    } else {
      this.loader.loaded();
    }
  }

  #afterEvent(turnId: string | null, event: ServiceEvent): void {
    if (event.type !== 'turn/completed') {
      return;
    }
    this.approvals.endTurn(turnId);
    this.toolResults.clear();
    this.runner.begun();
    if (turnId !== null && this.turns.active?.turnId === turnId) {
      const { status, error } = event.payload.turn ?? {};
      const ending = status === 'interrupted' || status === 'failed' ? status : 'completed';
      this.turns.ended({ status: ending, error: error ?? null });
      this.items.endTurn(turnId);
      this.change({});
    }
    void this.runner.runNext();
  }

  /** Starts a turn that reviews. Throws `turn_in_progress` unless the thread is idle, `forbidden` as a submit. */
  async review(target: Payload, authority: Authority, operation?: OperationRef): Promise<TurnRecord> {
    const known = operation?.isRetry ? this.turns.findAny(operation.id) : undefined;
    if (known) {
      return known;
    }
    this.context.recorder.requireHealthy();
    this.turns.requireIdle();
    await this.#prepareTurn(authority);
    const begin = async (): Promise<TurnRecord> =>
      this.turns.started(await this.context.engine.startReview(this.#record.engineThreadId, target));
    const turn = await this.turns.reserve(operation?.id, () => this.#hold.during(begin));
    await this.context.recorder.durable();
    return turn;
  }

  async #prepareTurn(authority: Authority): Promise<void> {
    await this.prepare(authority);
    await requirePaths(this.context.workspace, { input: [], options: this.#record.options });
  }

  /** The engine begins a turn of its own accord: nothing else is started until it has. */
  async compact(authority: Authority, operation?: OperationRef): Promise<void> {
    if (operation?.isRetry && this.turns.findAny(operation.id)) {
      return;
    }
    this.turns.requireIdle();
    await this.#prepareTurn(authority);
    const compact = (): Promise<void> => this.context.engine.compactThread(this.#record.engineThreadId);
    await this.turns.reserve(operation?.id, compact).catch((error: unknown) => {
      // What came meanwhile waited for a compaction that does not come.
      void this.runner.runNext();
      throw error;
    });
  }
}

function toOperation({ turnId, isRetry = false }: TurnRequest): OperationRef | undefined {
  return turnId === undefined ? undefined : { id: turnId, isRetry };
}
