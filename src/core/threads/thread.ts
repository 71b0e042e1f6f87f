import { ApprovalDesk } from '../approvals/approval-desk.js';
import { type ApprovalAnswer } from '../approvals/approval-answer.js';
import { type ApprovalRecord, needsInterrupt } from '../approvals/approval.js';
import { type EngineNotification, type EngineQuestion, type EngineThread, type Payload } from '../engine/engine.js';
import { ServiceError, unless } from '../errors.js';
import { ItemLedger } from '../turns/item-ledger.js';
import { TurnDesk, type TurnRequest } from '../turns/turn-desk.js';
import { TurnRunner } from '../turns/turn-runner.js';
import { type TurnRecord } from '../turns/turn-record.js';
import { type ThreadContext } from './thread-context.js';
import { isPayload, recordChange, toRecordChange, withOwnIds } from './thread-events.js';
import { ThreadLoader } from './thread-loader.js';
import { type ThreadRecord } from './thread-record.js';

export type ThreadStatus = 'idle' | 'active' | 'not_loaded' | 'error';

export const BUSY_CHOICES = ['queue', 'steer', 'reject'] as const;
export type OnBusy = (typeof BUSY_CHOICES)[number];

/** One live thread: what it is, what runs in it, and what waits. All changes of a thread go through here, in order. */
export class Thread {
  readonly approvals: ApprovalDesk;
  readonly turns: TurnDesk;
  readonly loader: ThreadLoader;
  readonly items: ItemLedger;
  readonly runner: TurnRunner;
  #record: ThreadRecord;
  #hasFailed = false;

  constructor(
    record: ThreadRecord,
    private readonly context: ThreadContext,
    queued: readonly TurnRecord[] = [],
  ) {
    this.#record = record;
    this.approvals = new ApprovalDesk(record.threadId, context);
    this.turns = new TurnDesk(record.threadId, context, queued);
    this.items = new ItemLedger(record.threadId, context);
    this.loader = new ThreadLoader(this, context);
    this.runner = new TurnRunner(this, context);
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
    return !this.turns.active && this.turns.queued.length === 0 && this.approvals.pending.length === 0;
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

  /**
   * Accepts a turn: durable when this resolves. It runs at once when the thread is idle, and the engine's refusal of
   * it is then this call's error; else it waits, steers the running turn, or is refused, as `onBusy` says. With the id of
   * a turn that was accepted already, that one is the answer.
   */
  async submit(request: TurnRequest, onBusy: OnBusy): Promise<TurnRecord> {
    const known = request.turnId === undefined ? undefined : this.turns.findAny(request.turnId);
    if (known) {
      return known;
    }
    this.context.recorder.requireHealthy();
    const { active } = this.turns;
    if (active && onBusy === 'reject') {
      throw new ServiceError(
        'turn_in_progress',
        'A turn is in progress; wait for it, or submit with on_busy "queue" or "steer".',
      );
    }
    return active && onBusy === 'steer' ? this.steer(active.turnId, request.input) : this.runner.accept(request);
  }

  /** Adds input to the running turn. Throws `turn_not_active` when it does not run. */
  async steer(turnId: string, input: readonly unknown[]): Promise<TurnRecord> {
    const { turn, engineTurnId } = await this.runner.requireRunning(turnId);
    const parts = this.context.uploads.toEngineInput(input);
    await this.context.engine.steerTurn(this.#record.engineThreadId, engineTurnId, parts);
    return this.turns.find(turnId) ?? turn;
  }

  /** Interrupts the running turn, or cancels one that waits. The turn's end is told on the stream. */
  async interrupt(turnId: string): Promise<TurnRecord> {
    const cancelled = this.turns.cancel(turnId);
    if (cancelled) {
      await this.context.recorder.durable();
      return cancelled;
    }
    const { turn, engineTurnId } = await this.runner.requireRunning(turnId);
    await this.context.engine.interruptTurn(this.#record.engineThreadId, engineTurnId);
    return this.turns.findAny(turnId) ?? turn;
  }

  /** Answers one of the thread's approvals; `cancel` ends the turn even where the engine's own answer has no word for it. */
  async answer(approvalId: string, answer: ApprovalAnswer): Promise<ApprovalRecord> {
    const approval = await this.approvals.answer(approvalId, answer);
    if (needsInterrupt(approval) && this.turns.active?.turnId === approval.turnId) {
      await this.interrupt(this.turns.active.turnId).catch(unless('turn_not_active'));
    }
    return approval;
  }

  /** What the engine said about this thread. Hot: each delta of each turn passes here. */
  notify(notification: EngineNotification): void {
    const { name, engineTurnId, payload } = notification;
    this.#beforeEvent(name, engineTurnId, payload);
    const turnId = engineTurnId === null ? null : this.turns.idOf(engineTurnId);
    this.context.recorder.event({
      threadId: this.threadId,
      turnId,
      name,
      payload: withOwnIds(name, payload, this.#toOwnId),
    });
    if (turnId !== null) {
      this.items.take(name, turnId, payload);
    }
    const change = recordChange(this.#record, name, payload);
    if (change) {
      this.change(change);
    }
    this.#afterEvent(name, turnId, payload);
  }

  ask(question: EngineQuestion): void {
    const turnId =
      question.engineTurnId === null ? (this.turns.active?.turnId ?? null) : this.turns.idOf(question.engineTurnId);
    this.approvals.raise(question, turnId);
  }

  /** The engine process is gone. */
  engineDied(reason: string): void {
    this.runner.callOff();
    this.loader.unloaded();
    this.approvals.expireAll();
    if (this.turns.active?.status === 'queued') {
      this.loader.suspect(this.turns.active.turnId);
    }
    if (this.turns.active) {
      this.items.endTurn(this.turns.active.turnId);
    }
    this.turns.lost(reason);
  }

  #beforeEvent(name: string, engineTurnId: string | null, payload: Payload): void {
    if (name === 'turn/started' && engineTurnId !== null) {
      this.turns.started(engineTurnId, this.runner.usageTotal);
      this.runner.begun();
    } else if (name === 'thread/tokenUsage/updated') {
      const usage = payload.token_usage;
      this.turns.usage(isPayload(usage) ? usage.total : undefined);
    } else if (name === 'thread/closed') {
      this.loader.unloaded();
    } else if (name === 'thread/status/changed') {
      const status = payload.status;
      this.#hasFailed = isPayload(status) && status.type === 'system_error';
      if (isPayload(status) && status.type === 'not_loaded') {
        this.loader.unloaded();
      }
    }
  }

  #afterEvent(name: string, turnId: string | null, payload: Payload): void {
    if (name !== 'turn/completed') {
      return;
    }
    this.approvals.endTurn(turnId);
    this.runner.begun();
    if (turnId !== null && this.turns.active?.turnId === turnId) {
      const turn = payload.turn as Payload;
      const status = turn.status;
      this.turns.ended({
        status: status === 'interrupted' || status === 'failed' ? status : 'completed',
        error: turn.error ?? null,
      });
      this.items.endTurn(turnId);
      this.change({});
    }
    void this.runner.runNext();
  }

  /** Starts a turn that reviews. Throws `turn_in_progress` unless the thread is idle. */
  async review(target: Payload): Promise<TurnRecord> {
    this.context.recorder.requireHealthy();
    this.turns.requireIdle();
    await this.loader.load();
    let engineTurnId = '';
    await this.turns.reserve(async () => {
      engineTurnId = await this.context.engine.startReview(this.#record.engineThreadId, target);
    });
    const turn = this.turns.started(engineTurnId, this.runner.usageTotal);
    await this.context.recorder.durable();
    return turn;
  }

  /** The engine begins a turn of its own accord: nothing else is started until it has. */
  async compact(): Promise<void> {
    this.turns.requireIdle();
    await this.loader.load();
    try {
      await this.turns.reserve(() => this.context.engine.compactThread(this.#record.engineThreadId));
    } catch (error) {
      // What came meanwhile waited for a compaction that does not come.
      void this.runner.runNext();
      throw error;
    }
  }
}
