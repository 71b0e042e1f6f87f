import { type ApprovalAnswer } from '../approvals/approval-answer.js';
import { type ApprovalRecord } from '../approvals/approval.js';
import { type Payload } from '../engine/payload.js';
import { ServiceError, unless } from '../errors.js';
import { type OperationRef } from '../idempotency/operation-ref.js';
import { type LimitedOptions } from '../permissions/asks.js';
import { type Authority, requireWithin, toInForce } from '../permissions/authority.js';
import { findSteered } from '../turns/find-steered.js';
import { type TurnRequest } from '../turns/turn-request.js';
import { requirePaths } from '../turns/turn-paths.js';
import { type TurnRecord } from '../turns/turn-record.js';
import { type ThreadState } from './thread-state.js';

export const BUSY_CHOICES = ['queue', 'steer', 'reject'] as const;
const BUSY_ADVICE = 'submit with on_busy "queue" or "steer"';
export type OnBusy = (typeof BUSY_CHOICES)[number];

/** What callers have done in one thread: turns, reviews, compactions, answers. */
export class TurnCommands {
  constructor(private readonly state: ThreadState) {}

  /** Throws `forbidden` unless the caller may ask for what would run here with these options, after all that waits. */
  requireWithin(authority: Authority, options: LimitedOptions = {}): void {
    const turns = [this.state.turns.active, ...this.state.turns.queued].filter((turn) => turn !== undefined);
    const inForce = turns.reduce<LimitedOptions>(
      (before, turn) => toInForce(before, turn.options),
      this.state.record.options,
    );
    requireWithin(authority, options, inForce);
  }

  /** Has the thread in the engine, for a caller who is about to have something done in it. Throws `forbidden`. */
  async prepare(authority: Authority): Promise<void> {
    this.requireWithin(authority);
    await this.state.loader.load();
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
    this.state.context.recorder.requireHealthy();
    this.requireWithin(request.authority, request.options);
    const { active } = this.state.turns;
    if (!this.state.turns.isIdle && onBusy === 'reject') {
      throw new ServiceError('turn_in_progress', `A turn is in progress; wait for it, or ${BUSY_ADVICE}.`);
    }
    return active && onBusy === 'steer'
      ? this.steer(active.turnId, request.input, request.authority, toOperation(request))
      : this.state.runner.accept(request);
  }

  #findSubmitted({ turnId, isRetry }: TurnRequest): TurnRecord | undefined {
    if (turnId === undefined) {
      return undefined;
    }
    return this.state.turns.findAny(turnId) ?? (isRetry ? this.#findSteered(turnId) : undefined);
  }

  #findSteered(operationId: string): TurnRecord | undefined {
    const turnId = findSteered(this.state.context.turns, this.state.threadId, operationId);
    return turnId === undefined ? undefined : this.state.turns.findAny(turnId);
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
    await this.state.loader.requireFolder();
    await requirePaths(this.state.context.workspace, { input, options: {} });
    const { turn, engineTurnId } = await this.state.runner.requireRunning(turnId);
    const parts = this.state.context.uploads.toEngineInput(input);
    const more = { input: parts, ...(operation && { clientId: operation.id }) };
    await this.state.context.engine.steerTurn(this.state.record.engineThreadId, engineTurnId, more);
    return this.state.turns.find(turnId) ?? turn;
  }

  /**
   * Interrupts the running turn, or cancels one that waits. The turn's end is told on the stream. Throws
   * `turn_not_active` for one that is over, unless it ended by another interrupt at the same time.
   */
  async interrupt(turnId: string): Promise<TurnRecord> {
    const cancelled = this.state.turns.cancel(turnId) ?? (await this.#cancelHandedOver(turnId));
    if (cancelled) {
      await this.state.context.recorder.durable();
      return cancelled;
    }
    const { turn, engineTurnId } = await this.state.runner.requireRunning(turnId);
    await this.state.context.engine
      .interruptTurn(this.state.record.engineThreadId, engineTurnId)
      .catch((error: unknown) => {
        if (this.state.turns.findAny(turnId)?.status !== 'interrupted') {
          throw error;
        }
      });
    return this.state.turns.findAny(turnId) ?? turn;
  }

  /** One that was going to the engine is back in the queue if the engine could not take it. */
  async #cancelHandedOver(turnId: string): Promise<TurnRecord | undefined> {
    await this.state.runner.whenBegun(turnId);
    return this.state.turns.cancel(turnId);
  }

  /**
   * Answers one of the thread's approvals; `cancel` ends the turn even where the engine's own answer has no word for it.
   * The retry of an operation that has answered it already gets the approval.
   */
  async answer(approvalId: string, answer: ApprovalAnswer, operation?: OperationRef): Promise<ApprovalRecord> {
    const interrupt = async (turnId: string | null): Promise<void> => {
      if (turnId !== null && this.state.turns.active?.turnId === turnId) {
        await this.interrupt(turnId).catch(unless('turn_not_active'));
      }
    };
    return this.state.approvals.answer(approvalId, answer, { operation, interrupt });
  }

  /** Starts a turn that reviews. Throws `turn_in_progress` unless the thread is idle, `forbidden` as a submit. */
  async review(target: Payload, authority: Authority, operation?: OperationRef): Promise<TurnRecord> {
    const known = operation?.isRetry ? this.state.turns.findAny(operation.id) : undefined;
    if (known) {
      return known;
    }
    this.state.context.recorder.requireHealthy();
    this.state.turns.requireIdle();
    await this.#prepareTurn(authority);
    const begin = async (): Promise<TurnRecord> =>
      this.state.turns.started(await this.state.context.engine.startReview(this.state.record.engineThreadId, target));
    const turn = await this.state.turns.reserve(operation?.id, () => this.state.signals.during(begin));
    await this.state.context.recorder.durable();
    return turn;
  }

  async #prepareTurn(authority: Authority): Promise<void> {
    await this.prepare(authority);
    await requirePaths(this.state.context.workspace, { input: [], options: this.state.record.options });
  }

  /** The engine begins a turn of its own accord: nothing else is started until it has. */
  async compact(authority: Authority, operation?: OperationRef): Promise<void> {
    if (operation?.isRetry && this.state.turns.findAny(operation.id)) {
      return;
    }
    this.state.turns.requireIdle();
    await this.#prepareTurn(authority);
    const compact = (): Promise<void> => this.state.context.engine.compactThread(this.state.record.engineThreadId);
    await this.state.turns.reserve(operation?.id, compact).catch((error: unknown) => {
      // What came meanwhile waited for a compaction that does not come.
      void this.state.runner.runNext();
      throw error;
    });
  }
}

function toOperation({ turnId, isRetry = false }: TurnRequest): OperationRef | undefined {
  return turnId === undefined ? undefined : { id: turnId, isRetry };
}
