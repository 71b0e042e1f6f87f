import { Subject, type Subscription } from 'rxjs';
import { type EngineSignal, type EngineThread, type ForkPoint } from '../engine/engine.js';
import { type ThreadOptions } from '../engine/options.js';
import { ServiceError } from '../errors.js';
import { toKnownEvent } from '../events/catalogue.js';
import { type OperationRef } from '../idempotency/operation-ref.js';
import { type Authority, requireWithin } from '../permissions/authority.js';
import { endTurns } from './end-turns.js';
import { toLoadOptions, withOverrides, withRealFolder } from './load-options.js';
import { requireEngineId, toNewRecord, toUnknownThread } from './new-record.js';
import { isEnginesHistory } from './engine-turns.js';
import { recover } from './recovery.js';
import { SignalRouter } from './signal-router.js';
import { type ThreadContext } from './thread-context.js';
import { type ThreadRecord } from './thread-record.js';
import { type ThreadLabels, type ThreadManagerOptions, type ThreadManagerPorts } from './thread-manager-ports.js';
import { Thread } from './thread.js';

/** For so long a thread that was asked for may be in somebody's hands, and is not forgotten. */
const IN_HAND_MS = 10_000;

/** Finds, creates and forgets threads, and hands each of them what the engine says of it. */
export class ThreadManager {
  readonly #live = new Map<string, Thread>();
  readonly #router: SignalRouter;
  readonly #context: ThreadContext;
  readonly #retiring = new Subject<void>();
  /** Some threads are to leave the engine process that has them. */
  readonly retiring = this.#retiring.asObservable();
  #subscription: Subscription | undefined;
  #holding: Subscription | undefined;

  constructor(
    private readonly ports: ThreadManagerPorts,
    private readonly options: ThreadManagerOptions,
  ) {
    this.#router = new SignalRouter(
      ports.recorder,
      // One that nobody here asked for: an agent's own helper, say.
      (engineThreadId) => this.adopt(toUnknownThread(engineThreadId, ports.recorder.now().iso)),
      (thread) => {
        this.remove(thread);
      },
    );
    this.#context = {
      ...ports,
      ...options,
      isDraining: false,
      bind: async (threadId, load) => (await this.#router.bind(load, () => this.#requireLive(threadId))).engineThread,
    };
  }

  /** Settles what the last run left open, then listens to the engine. Before the engine is started. */
  async start(): Promise<void> {
    const waiting = recover(this.ports);
    await this.ports.recorder.durable();
    this.#holding = this.ports.recorder.isOverfull.subscribe((isHeld) => {
      this.ports.engine.hold(isHeld);
    });
    this.#subscription = this.ports.engine.signals.subscribe((signal) => {
      // One message that makes no sense must not end the server, nor what it knows of the other threads.
      try {
        this.#hear(signal);
      } catch (error) {
        const { type } = signal;
        this.ports.log.write('error', 'A signal of the engine was not understood.', { type, err: error });
      }
    });
    for (const threadId of waiting) {
      this.find(threadId);
    }
  }

  stop(): void {
    this.#holding?.unsubscribe();
    this.#subscription?.unsubscribe();
  }

  /** Begins nothing new, and waits for running turns to end; those that take longer are interrupted. Resolves in any case. */
  async drain(graceMs: number): Promise<void> {
    this.#context.isDraining = true;
    await endTurns([...this.#live.values()], graceMs, () => {
      this.#holding?.unsubscribe();
      this.ports.engine.hold(false);
    });
    await this.ports.recorder.durable();
  }

  /**
   * Has every thread loaded again before its next turn, since what the engine reads only then has changed. Ephemeral ones
   * are nowhere but in its memory, and stay.
   */
  reload(): void {
    for (const thread of this.#live.values()) {
      if (!thread.record.ephemeral) {
        thread.retire();
      }
    }
    this.#retiring.next();
  }

  /** Threads that are open in this process. */
  get live(): Iterable<Thread> {
    return this.#live.values();
  }

  /**
   * Makes a thread in the engine, in the first workspace root unless `cwd` says otherwise; it is durable when this
   * resolves. The retry of an operation gets the one it made. Throws `forbidden` for what is above the caller's ceiling,
   * for keys of `config` that the caller may not set, and for a folder outside the workspace.
   */
  async create(
    options: ThreadOptions,
    authority: Authority,
    labels: ThreadLabels = {},
    operation?: OperationRef,
  ): Promise<Thread> {
    this.ports.recorder.requireHealthy();
    const made = this.findMade(operation);
    if (made) {
      return made;
    }
    const { workspace, configPolicy } = this.ports;
    configPolicy.requireOverrides(options, authority);
    requireWithin(authority, options);
    const placed = await withRealFolder(workspace, { cwd: workspace.defaultPath, ...options }, authority);
    const load = (): Promise<EngineThread> => this.ports.engine.createThread(placed);
    return this.#make(load, { options: placed, ...labels, ...toMark(operation) });
  }

  /** What an earlier attempt of this operation has made. */
  findMade(operation: OperationRef | undefined): Thread | undefined {
    if (!operation?.isRetry) {
      return undefined;
    }
    const since = new Date(this.ports.recorder.now().ms - OPERATION_LOOKBACK_MS).toISOString();
    const record = this.ports.threads.findByOperation(operation.id, since);
    return record && this.find(record.threadId);
  }

  /** Makes a thread out of another one's history; its options have been checked. */
  async fork(source: Thread, point: ForkPoint, options: ThreadOptions, operation?: OperationRef): Promise<Thread> {
    this.ports.recorder.requireHealthy();
    const { engineThreadId, options: sourceOptions } = source.record;
    const whole = toLoadOptions(source.record, options, true);
    return this.#make(() => this.ports.engine.forkThread(engineThreadId, point, whole), {
      options: withOverrides(sourceOptions, options),
      forkedFromId: source.threadId,
      ...(isEnginesHistory(source.record) && { hasEngineHistory: true }),
      isMaterialized: true,
      preview: source.record.preview,
      ...toMark(operation),
    });
  }

  /** The thread, live or stored here; `undefined` when this server has never heard of it. */
  find(threadId: string): Thread | undefined {
    const live = this.#live.get(threadId);
    if (live) {
      live.touch();
      return live;
    }
    const record = this.ports.threads.find(threadId);
    return record && this.#open(record);
  }

  /** The thread's latest record, without opening it. */
  findRecord(threadId: string): ThreadRecord | undefined {
    return this.#live.get(threadId)?.record ?? this.ports.threads.find(threadId);
  }

  /** Also by the id that the engine had for it before it was made anew. */
  findRecordByEngineId(engineThreadId: string): ThreadRecord | undefined {
    const { threads } = this.ports;
    const stored = threads.findByEngineId(engineThreadId) ?? threads.find(engineThreadId);
    return this.#live.get(stored?.threadId ?? engineThreadId)?.record ?? stored;
  }

  findLive(threadId: string): Thread | undefined {
    return this.#live.get(threadId);
  }

  /** The thread, also one that another Codex client made. Throws `thread_not_found`. */
  async require(threadId: string): Promise<Thread> {
    const known = this.find(threadId);
    if (known) {
      return known;
    }
    const adopted = this.adopt(await this.ports.engine.readThread(requireEngineId(threadId)));
    await this.ports.recorder.durable();
    return adopted;
  }

  /** Takes a thread of the engine's into the index, if it is not there yet. */
  adopt(engineThread: EngineThread): Thread {
    const { engineThreadId } = engineThread;
    const known = this.findRecordByEngineId(engineThreadId);
    if (known) {
      return this.#live.get(known.threadId) ?? this.#open(known);
    }
    const thread = this.#open({ ...toNewRecord(engineThread), isMaterialized: true, isForeign: true });
    this.ports.recorder.thread(thread.record);
    return thread;
  }

  /** Deletes what is stored of a thread that is no more, once: the engine's own word of it may come before or after. */
  remove(thread: Thread): void {
    const { threadId } = thread;
    if (this.#live.get(threadId) !== thread) {
      return;
    }
    const event = toKnownEvent('thread/deleted', { thread_id: threadId });
    this.ports.recorder.event({ threadId, turnId: null, event });
    this.ports.recorder.deleteThread(threadId);
    void this.ports.uploads.threadDeleted(threadId);
    this.forget(thread);
  }

  /** Lets go of a thread; what is stored of it stays. */
  forget(thread: Thread): void {
    this.#live.delete(thread.threadId);
    this.#router.forget(thread.record.engineThreadId);
    this.ports.recorder.forget(thread.threadId);
  }

  async #make(load: () => Promise<EngineThread>, more: Partial<ThreadRecord>): Promise<Thread> {
    const { thread } = await this.#router.bind(load, (engineThread) => {
      const made = this.#open({ ...toNewRecord(engineThread), ...more });
      made.made();
      return made;
    });
    await this.ports.recorder.durable();
    return thread;
  }

  #open(record: ThreadRecord): Thread {
    this.#makeRoom();
    const queued = this.ports.turns.queuedTurns(record.threadId);
    const thread = new Thread(record, this.#context, queued);
    this.#live.set(record.threadId, thread);
    this.#router.know(record.engineThreadId, thread);
    return thread;
  }

  #makeRoom(): void {
    if (this.#live.size < this.options.maxLiveThreads) {
      return;
    }
    for (const thread of this.#live.values()) {
      if (thread.isQuiet && !thread.isLoaded && thread.idleMs > IN_HAND_MS) {
        this.forget(thread);
        return;
      }
    }
  }

  #hear(signal: EngineSignal): void {
    switch (signal.type) {
      case 'notification':
      case 'question':
        this.#router.route(signal);
        return;
      case 'question_closed':
        this.#router.closeQuestion(signal);
        return;
      case 'started':
        for (const thread of this.#live.values()) {
          thread.runNext();
        }
        return;
      case 'died':
        this.#router.drop(signal.engineThreadIds);
        this.ports.recorder.touch();
        for (const thread of this.#liveOf(signal.engineThreadIds)) {
          thread.engineDied(signal.reason);
        }
        return;
      case 'retiring':
        for (const thread of this.#liveOf(signal.engineThreadIds)) {
          thread.retire();
        }
        this.#retiring.next();
    }
  }

  #liveOf(engineThreadIds: ReadonlySet<string>): Thread[] {
    return [...this.#live.values()].filter(({ record }) => engineThreadIds.has(record.engineThreadId));
  }

  #requireLive(threadId: string): Thread {
    const thread = this.#live.get(threadId);
    if (thread) {
      return thread;
    }
    throw new ServiceError('thread_not_found', 'The thread was deleted meanwhile.');
  }
}

/** An idempotency key is good for a day. */
const OPERATION_LOOKBACK_MS = 25 * 60 * 60_000;

const toMark = (operation: OperationRef | undefined): Pick<ThreadRecord, 'madeBy'> =>
  operation ? { madeBy: operation.id } : {};
