import { ServiceError } from '../errors.js';
import { toKnownEvent } from '../events/catalogue.js';
import { requireWithin, toInForce } from '../permissions/authority.js';
import { NO_CEILING } from '../permissions/ceiling.js';
import { withOverrides } from '../threads/load-options.js';
import { type ThreadContext } from '../threads/thread-context.js';
import { type ThreadLoader } from '../threads/thread-loader.js';
import { type ThreadRecord } from '../threads/thread-record.js';
import { toEngineHistory } from './history-items.js';
import { type TurnQueue } from './turn-queue.js';
import { type TurnRequest } from './turn-request.js';
import { requirePaths } from './turn-paths.js';
import { type TurnRecord } from './turn-record.js';

/** What is to be known of a thread to hand its turns to the engine. */
export interface RunningThread {
  readonly record: ThreadRecord;
  readonly turns: TurnQueue;
  readonly loader: ThreadLoader;
  change: (change: Partial<ThreadRecord>) => void;
}

/** Refusals after which the turn waits for a better moment: the engine is away, or busy with a turn of its own. */
const PASSING = new Set(['engine_unavailable', 'storage_unavailable', 'turn_in_progress']);

/** Hands the turns of one thread to the engine, one after the other. */
export class TurnRunner {
  #starting: Promise<void> | undefined;
  /** Of a turn that the engine has accepted but not begun: it takes neither input nor an interrupt for it before. */
  #beginning: PromiseWithResolvers<void> | undefined;
  /** Grows when a hand-over is called off: one that was begun before does not go on. */
  #calledOff = 0;

  constructor(
    private readonly thread: RunningThread,
    private readonly context: ThreadContext,
  ) {}

  /** Puts the turn into the queue; it is durable when this resolves. Rejects when the engine refuses it at once. */
  async accept(request: TurnRequest): Promise<TurnRecord> {
    const { turns } = this.thread;
    const turn = turns.enqueue(request);
    // Taken off the queue before it is stored, so that an idle thread's turn costs one write to the disk, not two.
    const started = this.runNext();
    const isRunning = turns.active?.turnId === turn.turnId;
    try {
      await this.context.recorder.durable();
    } catch (error) {
      this.#withdraw(turn.turnId);
      throw error;
    }
    const refusal = isRunning ? await started : undefined;
    if (refusal) {
      throw refusal;
    }
    return turns.findAny(turn.turnId) ?? turn;
  }

  /** Starts the next waiting turn if none runs. Resolves with the engine's refusal of it, if it refused. */
  async runNext(): Promise<ServiceError | undefined> {
    const turn = this.context.isDraining ? undefined : this.thread.turns.takeNext();
    if (!turn) {
      return undefined;
    }
    const outcome = this.#run(turn);
    const starting = outcome.then(() => undefined);
    this.#starting = starting;
    const refusal = await outcome;
    if (this.#starting === starting) {
      this.#starting = undefined;
    }
    return refusal;
  }

  /** A hand-over that is under way does not go on: the engine that it was for is gone. */
  callOff(): void {
    this.#calledOff += 1;
    this.begun();
  }

  /** The engine says that the turn runs, or that it is over. */
  begun(): void {
    this.#beginning?.resolve();
    this.#beginning = undefined;
  }

  /** The running turn with the engine's id for it; one that is just being handed over is waited for. */
  async requireRunning(turnId: string): Promise<{ turn: TurnRecord; engineTurnId: string }> {
    const { turns } = this.thread;
    await this.whenBegun(turnId);
    const { active: turn, runningEngineTurnId: engineTurnId } = turns;
    if (turn?.turnId === turnId && engineTurnId !== null) {
      return { turn, engineTurnId };
    }
    if (this.context.turns.findTurn(this.thread.record.threadId, turnId)) {
      throw new ServiceError('turn_not_active', 'The turn is not running any more.');
    }
    throw new ServiceError('turn_not_found', 'This thread has no such turn.');
  }

  /** Resolves when the turn isn't being handed over (any more): it runs, waits again, or is over. */
  async whenBegun(turnId: string): Promise<void> {
    const isActive = (): boolean => this.thread.turns.active?.turnId === turnId;
    if (isActive()) {
      await this.#starting;
    }
    if (isActive()) {
      await this.#beginning?.promise;
    }
  }

  async #run(turn: TurnRecord): Promise<ServiceError | undefined> {
    const calledOff = this.#calledOff;
    const isCalledOff = (): boolean => calledOff !== this.#calledOff;
    const { turns, loader } = this.thread;
    try {
      await this.context.recorder.durable();
      await loader.load();
      if (isCalledOff() || (await this.#hasRun(turn)) || isCalledOff()) {
        return undefined;
      }
      const engineTurnId = await this.#start(turn);
      if (turns.active?.turnId === turn.turnId) {
        if (turns.active.status === 'queued') {
          this.#beginning = Promise.withResolvers();
        }
        turns.started(engineTurnId);
      }
      return undefined;
    } catch (error) {
      return isCalledOff() ? undefined : this.#refused(turn, ServiceError.from(error));
    }
  }

  async #start(turn: TurnRecord): Promise<string> {
    const { turnId: clientTurnId, input, options, history = [] } = turn;
    const { engineThreadId } = this.thread.record;
    await this.#permit(turn);
    if (history.length > 0) {
      await this.context.engine.injectItems(engineThreadId, toEngineHistory(history));
    }
    const start = { clientTurnId, input: this.context.uploads.toEngineInput(input), options };
    return this.context.engine.startTurn(engineThreadId, start);
  }

  /**
   * Throws `forbidden` when the turn may not run any more: the thread was given more meanwhile than its caller may have
   * run, or a place is not what it was. The engine keeps a turn's sandbox for the later ones, and so does the thread.
   */
  async #permit({ input, options, ceiling = NO_CEILING }: TurnRecord): Promise<void> {
    const { options: before, updatedAt } = this.thread.record;
    requireWithin({ ceiling }, options, before);
    const { cwd } = options;
    await requirePaths(this.context.workspace, { input, options: { cwd, ...toInForce(before, options) } });
    const { sandbox_policy: policy } = options;
    if (policy !== undefined) {
      this.thread.change({ updatedAt, options: withOverrides(before, { sandbox_policy: policy }) });
    }
  }

  /** Whether the engine ran it already, when the hand-over was cut short; it is settled then, and the next one runs. */
  async #hasRun(turn: TurnRecord): Promise<boolean> {
    const ran = await this.thread.loader.findRun(turn.turnId);
    if (!ran) {
      return false;
    }
    this.thread.turns.started(ran.engineTurnId);
    this.thread.turns.lost('The engine ended while this turn was being handed over.');
    void this.runNext();
    return true;
  }

  /** The caller is told that the turn could not be accepted, so it must not run, even if it was just going to. */
  #withdraw(turnId: string): void {
    const { turns } = this.thread;
    if (turns.active?.turnId === turnId) {
      this.callOff();
      turns.putBack();
    }
    turns.cancel(turnId);
  }

  /** The engine would not take the turn: later it may, or never. */
  #refused(turn: TurnRecord, error: ServiceError): ServiceError | undefined {
    const { turns } = this.thread;
    if (turns.active?.turnId !== turn.turnId) {
      return undefined;
    }
    if (!PASSING.has(error.code)) {
      this.#fail(turn, error.message);
      return error;
    }
    turns.putBack();
    if (error.code === 'storage_unavailable') {
      void this.context.recorder.recovered().then(() => this.runNext());
    }
    return undefined;
  }

  /** Ends the active turn as failed for a reason of the service's own, and says so in the engine's form. */
  #fail({ threadId, turnId }: TurnRecord, message: string): void {
    const error = { message, codex_error_info: null, additional_details: null };
    const ended = this.thread.turns.ended({ status: 'failed', error });
    const turn = { id: turnId, items: [], status: 'failed', error, duration_ms: ended?.durationMs ?? null };
    const event = toKnownEvent('turn/completed', { turn, token_usage: null });
    this.context.recorder.event({ threadId, turnId, event });
    void this.runNext();
  }
}
