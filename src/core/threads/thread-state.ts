import { PendingApprovals } from '../approvals/pending-approvals.js';
import { type EngineNotification, type EngineQuestion, type EngineThread } from '../engine/engine.js';
import { type Payload } from '../engine/payload.js';
import { type ServiceEvent } from '../events/catalogue.js';
import { ItemRegistry } from '../turns/item-registry.js';
import { TokenCounter } from '../turns/token-counter.js';
import { ToolResults } from '../turns/tool-results.js';
import { TurnQueue } from '../turns/turn-queue.js';
import { TurnRunner } from '../turns/turn-runner.js';
import { type TurnRecord } from '../turns/turn-record.js';
import { SignalBuffer } from './signal-buffer.js';
import { type ThreadContext } from './thread-context.js';
import { isRetry, recordChange, toRecordChange, withOwnIds } from './thread-events.js';
import { ThreadLoader } from './thread-loader.js';
import { type ThreadRecord } from './thread-record.js';
import { type ThreadStatus, withThreadStatus } from './thread-status.js';

/** The parts of one live thread, and what the engine says of it. Only `Thread` and these parts know it. */
export class ThreadState {
  readonly approvals: PendingApprovals;
  readonly turns: TurnQueue;
  readonly loader: ThreadLoader;
  readonly items: ItemRegistry;
  readonly runner: TurnRunner;
  readonly toolResults: ToolResults;
  readonly signals = new SignalBuffer();
  #record: ThreadRecord;
  readonly #tokens: TokenCounter;
  #hasFailed = false;

  constructor(
    record: ThreadRecord,
    readonly context: ThreadContext,
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

  /** What the engine said about this thread. Hot: each delta of each turn passes here. */
  notify(notification: EngineNotification): void {
    if (this.signals.isHolding) {
      this.signals.keep(() => {
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
    if (this.signals.isHolding) {
      this.signals.keep(() => {
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
    this.signals.drop();
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
}
