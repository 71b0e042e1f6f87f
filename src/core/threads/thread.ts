import { type ApprovalAnswer } from '../approvals/approval-answer.js';
import { type ApprovalRecord } from '../approvals/approval.js';
import { type EngineNotification, type EngineQuestion, type QuestionRef } from '../engine/engine.js';
import { type ThreadOptions } from '../engine/options.js';
import { type Payload } from '../engine/payload.js';
import { type OperationRef } from '../idempotency/operation-ref.js';
import { type LimitedOptions } from '../permissions/asks.js';
import { type Authority } from '../permissions/authority.js';
import { type ToolResult } from '../turns/tool-results.js';
import { type TurnRequest } from '../turns/turn-request.js';
import { type Positions } from '../turns/turn-index.js';
import { type TurnRecord } from '../turns/turn-record.js';
import { type ThreadContext } from './thread-context.js';
import { type ThreadRecord } from './thread-record.js';
import { ThreadState } from './thread-state.js';
import { type ThreadStatus } from './thread-status.js';
import { type OnBusy, TurnCommands } from './turn-commands.js';

/** One live thread: what it is, what runs in it, and what waits. All changes of a thread go through here, in order. */
export class Thread {
  readonly #state: ThreadState;
  readonly #commands: TurnCommands;
  #lastUsedMs = performance.now();

  constructor(record: ThreadRecord, context: ThreadContext, queued: readonly TurnRecord[] = []) {
    this.#state = new ThreadState(record, context, queued);
    this.#commands = new TurnCommands(this.#state);
  }

  get threadId(): string {
    return this.record.threadId;
  }

  get record(): ThreadRecord {
    return this.#state.record;
  }

  get status(): ThreadStatus {
    return this.#state.status;
  }

  get activeTurn(): TurnRecord | undefined {
    return this.#state.turns.active;
  }

  get queuedTurns(): readonly TurnRecord[] {
    return this.#state.turns.queued;
  }

  /** Questions that wait for an answer. */
  get pendingApprovals(): readonly ApprovalRecord[] {
    return this.#state.approvals.pending;
  }

  /** Whether the engine has it in memory. */
  get isLoaded(): boolean {
    return this.#state.loader.isLoaded;
  }

  /** Whether the process that has it is to be replaced, so that it should leave it. */
  get mustMove(): boolean {
    return this.#state.loader.mustMove;
  }

  /** Whether nothing would be lost by forgetting this object. */
  get isQuiet(): boolean {
    return this.#state.turns.isIdle && this.#state.approvals.pendingCount === 0;
  }

  /** For how long nobody asked for it and nothing happened in it. */
  get idleMs(): number {
    return performance.now() - this.#lastUsedMs;
  }

  /** Somebody is about to work with it. */
  touch(): void {
    this.#lastUsedMs = performance.now();
  }

  /** The state of a turn that is not over. */
  findLiveTurn(turnId: string): TurnRecord | undefined {
    return this.#state.turns.find(turnId);
  }

  /** A live or stored turn. */
  findTurn(turnId: string): TurnRecord | undefined {
    return this.#state.turns.findAny(turnId);
  }

  /** Resolves when the active turn has ended, or waits again. */
  whenIdle(): Promise<void> {
    return this.#state.turns.whenIdle();
  }

  /** Throws `turn_in_progress` unless nothing runs or waits. */
  requireIdle(): void {
    this.#state.turns.requireIdle();
  }

  /** Takes over what the engine's list says of it, which may be older or newer. */
  align(change: Partial<Pick<ThreadRecord, 'name' | 'preview' | 'updatedAt' | 'archived'>>): void {
    this.#state.change(change);
  }

  /** Sets what is the caller's own. */
  label(labels: Partial<Pick<ThreadRecord, 'name' | 'metadata'>>): void {
    this.#state.change(labels);
  }

  /** The engine has archived it or got it back, and let go of it. */
  archived(change: Pick<ThreadRecord, 'archived' | 'isArchivedHere'>): void {
    this.#state.loader.closed();
    this.#state.change(change);
  }

  /** The engine has just made it. */
  made(): void {
    this.#state.loader.loaded();
    this.#state.context.recorder.thread(this.record);
  }

  /** Loads it into the engine, as `ThreadLoader.load`. */
  load(options?: ThreadOptions): Promise<void> {
    return this.#state.loader.load(options);
  }

  /** Has the engine let go of it where that loses nothing, as `ThreadLoader.unload`. */
  unload(): Promise<void> {
    return this.#state.loader.unload();
  }

  /** Throws `forbidden` when its folder is not the one that it was, or is outside the workspace. */
  async requireFolder(): Promise<void> {
    await this.#state.loader.requireFolder();
  }

  /** When it is loaded next, that is into another process. */
  retire(): void {
    this.#state.loader.retire();
  }

  /** Takes no turn from here on, since it is being deleted by `remove`; unless that fails. */
  delete(remove: () => Promise<void>): Promise<void> {
    return this.#state.turns.close(remove);
  }

  /** Turns of another history were stored as its own: the next ones come after them. */
  importedTurns({ turn, item }: Positions): void {
    this.#state.turns.rewind(turn);
    this.#state.items.rewind(item);
  }

  /** The history was cut: the next turn takes the place `position`, and what was used in those that are gone counts no more. */
  rewind(position: number | undefined, operation?: OperationRef): void {
    this.#state.rewound(position);
    this.#state.change(operation ? { rolledBackBy: operation.id } : {});
  }

  /** Hands the next waiting turn to the engine, if none runs. */
  runNext(): void {
    void this.#state.runner.runNext();
  }

  /** Answers a call of a function of the caller's, also one of which the engine has not asked yet. */
  giveResult(callId: string, result: ToolResult): Promise<void> {
    return this.#state.toolResults.give(callId, result);
  }

  /** What the engine said about this thread. Hot: each delta of each turn passes here. */
  notify(notification: EngineNotification): void {
    this.#state.notify(notification);
  }

  ask(question: EngineQuestion): void {
    this.#state.ask(question);
  }

  /** The engine no longer waits for this answer. */
  closeQuestion(ref: QuestionRef): void {
    this.#state.approvals.close(ref);
  }

  /** The engine process is gone. */
  engineDied(reason: string): void {
    this.#state.engineDied(reason);
  }

  /** Throws `forbidden` unless the caller may ask for what would run here with these options, after all that waits. */
  requireWithin(authority: Authority, options?: LimitedOptions): void {
    this.#commands.requireWithin(authority, options);
  }

  /** Has the thread in the engine, for a caller who is about to have something done in it. Throws `forbidden`. */
  prepare(authority: Authority): Promise<void> {
    return this.#commands.prepare(authority);
  }

  /** Accepts a turn, as `TurnCommands.submit`. */
  submit(request: TurnRequest, onBusy: OnBusy): Promise<TurnRecord> {
    return this.#commands.submit(request, onBusy);
  }

  /** Adds input to the running turn, as `TurnCommands.steer`. */
  steer(
    turnId: string,
    input: readonly unknown[],
    authority: Authority,
    operation?: OperationRef,
  ): Promise<TurnRecord> {
    return this.#commands.steer(turnId, input, authority, operation);
  }

  /** Interrupts the running turn, or cancels one that waits, as `TurnCommands.interrupt`. */
  interrupt(turnId: string): Promise<TurnRecord> {
    return this.#commands.interrupt(turnId);
  }

  /** Answers one of the thread's approvals, as `TurnCommands.answer`. */
  answer(approvalId: string, answer: ApprovalAnswer, operation?: OperationRef): Promise<ApprovalRecord> {
    return this.#commands.answer(approvalId, answer, operation);
  }

  /** Starts a turn that reviews, as `TurnCommands.review`. */
  review(target: Payload, authority: Authority, operation?: OperationRef): Promise<TurnRecord> {
    return this.#commands.review(target, authority, operation);
  }

  /** Has the engine sum the history up, as `TurnCommands.compact`. */
  compact(authority: Authority, operation?: OperationRef): Promise<void> {
    return this.#commands.compact(authority, operation);
  }
}
