import { type EngineThread, type EngineTurn, type ThreadOptions } from '../engine/engine.js';
import { ServiceError } from '../errors.js';
import { toLoadOptions, withOverrides } from './load-options.js';
import { type ThreadContext } from './thread-context.js';
import { type ThreadRecord } from './thread-record.js';

/** A dying engine process holds its threads for a moment longer. */
const WRITER_RETRY_DELAYS_MS = [50, 100, 200, 400, 800, 1600];
const HISTORY_LOOKBACK_TURNS = 5;

/** What is to be known of a thread to load it, and who is told. */
export interface LoadableThread {
  readonly record: ThreadRecord;
  describe: (engineThread: EngineThread) => void;
  change: (change: Partial<ThreadRecord>) => void;
}

/** Gets one thread into the engine and knows whether it is there. */
export class ThreadLoader {
  #isLoaded = false;
  #loading: Promise<void> | undefined;
  readonly #suspects = new Set<string>();

  constructor(
    private readonly thread: LoadableThread,
    private readonly context: ThreadContext,
  ) {}

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** The engine has just made or loaded it. */
  loaded(): void {
    this.#isLoaded = true;
  }

  unloaded(): void {
    this.#isLoaded = false;
    this.#loading = undefined;
  }

  /** Loads the thread unless it is; whoever comes meanwhile waits for the same. With options, they are applied. */
  load(options: ThreadOptions = {}): Promise<void> {
    if (this.#isLoaded && Object.keys(options).length === 0) {
      return Promise.resolve();
    }
    if (this.#loading) {
      return this.#loading;
    }
    const loading = this.#load(options).finally(() => {
      // After the engine died another load may be under way.
      if (this.#loading === loading) {
        this.#loading = undefined;
      }
    });
    this.#loading = loading;
    return loading;
  }

  /** What the engine's history has of a turn whose hand-over was cut short, if that is so and it ran. Asked once. */
  async findRun(turnId: string): Promise<EngineTurn | undefined> {
    if (!this.#suspects.delete(turnId)) {
      return undefined;
    }
    const query = { sortDirection: 'desc', limit: HISTORY_LOOKBACK_TURNS } as const;
    const { data } = await this.context.engine.listTurns(this.thread.record.engineThreadId, query);
    return data.find((candidate) => candidate.clientTurnId === turnId);
  }

  /** Remembers that the hand-over of this turn was cut short. */
  suspect(turnId: string): void {
    this.#suspects.add(turnId);
  }

  async #load(options: ThreadOptions): Promise<void> {
    if (this.#isLoaded) {
      // The engine takes options only for a thread that it does not have in memory.
      await this.context.engine.unloadThread(this.thread.record.engineThreadId);
      this.#isLoaded = false;
    }
    const engineThread = await this.context.bind(this.thread.record.threadId, () => this.#makeOrResume(options));
    this.#isLoaded = true;
    this.thread.describe(engineThread);
    if (Object.keys(options).length > 0) {
      const { updatedAt, options: before } = this.thread.record;
      this.thread.change({ updatedAt, options: withOverrides(before, options) });
    }
  }

  /** A thread without a turn is not on the engine's disk; whether it has one is not sure while a turn is suspected. */
  async #makeOrResume(options: ThreadOptions): Promise<EngineThread> {
    const { record } = this.thread;
    if (record.isMaterialized || this.#suspects.size > 0) {
      try {
        return await this.#resume(record.engineThreadId, toLoadOptions(record, options, !record.isForeign));
      } catch (error) {
        if (record.isMaterialized || ServiceError.from(error).code !== 'thread_not_found') {
          throw error;
        }
      }
    }
    return this.context.engine.createThread(withOverrides(record.options, options));
  }

  async #resume(engineThreadId: string, options: ThreadOptions): Promise<EngineThread> {
    for (const delayMs of WRITER_RETRY_DELAYS_MS) {
      try {
        return await this.context.engine.resumeThread(engineThreadId, options);
      } catch (error) {
        if (!(error instanceof ServiceError) || error.code !== 'conflict') {
          throw error;
        }
        await new Promise((resolve) => {
          setTimeout(resolve, delayMs).unref();
        });
      }
    }
    return this.context.engine.resumeThread(engineThreadId, options);
  }
}
