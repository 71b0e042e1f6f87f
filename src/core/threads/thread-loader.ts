import { type EngineThread, type EngineTurn } from '../engine/engine.js';
import { type ThreadOptions } from '../engine/options.js';
import { ServiceError, unless } from '../errors.js';
import { toLoadOptions, withOverrides } from './load-options.js';
import { type ThreadContext } from './thread-context.js';
import { type ThreadRecord } from './thread-record.js';
import { unreadable } from './unreadable.js';

/** A dying engine process holds its threads for a moment longer. */
const WRITER_RETRY_DELAYS_MS = [50, 100, 200, 400, 800, 1600];
const HISTORY_LOOKBACK_TURNS = 5;

/** What is to be known of a thread to load it, and who is told. */
export interface LoadableThread {
  readonly record: ThreadRecord;
  describe: (engineThread: EngineThread) => void;
  change: (change: Partial<ThreadRecord>) => void;
}

/** Whether the engine has nothing of the thread that could be lost by making it anew. */
function isNothingStored(error: unknown, { isMaterialized, isForeign }: ThreadRecord): boolean {
  const { code } = ServiceError.from(error);
  return (code === 'gone' && !isForeign) || (code === 'thread_not_found' && !isMaterialized);
}

/** Gets one thread into the engine and out of it again, and knows whether it is there. */
export class ThreadLoader {
  #isLoaded = false;
  #mustMove = false;
  #loading: Promise<void> | undefined;
  #unloading: Promise<void> | undefined;
  readonly #suspects = new Set<string>();

  constructor(
    private readonly thread: LoadableThread,
    private readonly context: ThreadContext,
  ) {}

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Whether the process that has it is to be replaced, so that it should leave it. */
  get mustMove(): boolean {
    return this.#mustMove;
  }

  /** The engine has just made or loaded it. */
  loaded(): void {
    this.#isLoaded = true;
  }

  /** The engine has let go of it. */
  closed(): void {
    this.#isLoaded = false;
    this.#mustMove = false;
  }

  /** The engine is gone, and what was under way in it with it. */
  lost(): void {
    this.closed();
    this.#loading = undefined;
  }

  /** The process that has it is to be replaced: when it is loaded next, that is into another. */
  retire(): void {
    this.#mustMove = this.#isLoaded || this.#loading !== undefined;
  }

  /**
   * Loads the thread unless it is; whoever comes meanwhile waits for the same. With options, they are applied. Whatever
   * is about to be done in the thread asks for this first, also where it is loaded: it throws `forbidden` when its folder
   * is not the one that it was, or is outside the workspace.
   */
  async load(options: ThreadOptions = {}): Promise<void> {
    const folder = await this.requireFolder(options);
    // Left to itself the engine takes the folder as it was written down once, links and all, and follows those anew.
    await this.#loadOnce(options, { cwd: folder });
  }

  /**
   * Where the thread works, or is to work from now on; one of another client stays where that client works. Throws
   * `forbidden` as `load`.
   */
  async requireFolder({ cwd }: ThreadOptions = {}): Promise<string> {
    const { workspace, engine } = this.context;
    const { record } = this.thread;
    if (typeof cwd === 'string' && !record.isForeign) {
      return workspace.requireStill(cwd, 'cwd');
    }
    const own = record.cwd ?? (await engine.readThread(record.engineThreadId)).cwd;
    return workspace.requireStill(own ?? '', 'cwd', { mayBeLink: record.isForeign && !this.#isLoaded });
  }

  #loadOnce(options: ThreadOptions, place: ThreadOptions): Promise<void> {
    const isUnderWay = this.#loading !== undefined || this.#unloading !== undefined;
    const isThere = this.#isLoaded && !this.#mustMove && !isUnderWay;
    if (isThere && Object.keys(options).length === 0) {
      return Promise.resolve();
    }
    if (this.#loading) {
      return this.#loading;
    }
    const loading = this.#load(options, place).finally(() => {
      // After the engine died another load may be under way.
      if (this.#loading === loading) {
        this.#loading = undefined;
      }
    });
    this.#loading = loading;
    return loading;
  }

  /**
   * Has the engine let go of a thread in which nothing runs, unless that would lose something: an ephemeral thread is
   * nowhere but in its memory, and commands that were left running would be ended. Rejects with what the engine says.
   */
  async unload(): Promise<void> {
    if (!this.#isLoaded || this.#loading) {
      return;
    }
    this.#unloading ??= this.#leave().then(
      () => {
        this.#unloading = undefined;
      },
      (error: unknown) => {
        this.#unloading = undefined;
        throw error;
      },
    );
    await this.#unloading;
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

  async #load(options: ThreadOptions, place: ThreadOptions): Promise<void> {
    await this.#unloading?.catch(() => undefined);
    const hasOptions = Object.keys(options).length > 0;
    if (this.#isLoaded && hasOptions) {
      // The engine takes options only for a thread that it does not have in memory.
      await this.context.engine.unloadThread(this.thread.record.engineThreadId);
    } else if (this.#mustMove) {
      await this.#leave().catch(unless('turn_in_progress'));
    }
    if (this.#isLoaded && !hasOptions) {
      return;
    }
    this.#mustMove = false;
    const { threadId, engineThreadId } = this.thread.record;
    const engineThread = await this.context.bind(threadId, () => this.#makeOrResume({ ...place, ...options }));
    this.#isLoaded = true;
    this.thread.describe(engineThread);
    if (this.thread.record.engineThreadId !== engineThreadId) {
      // A turn that ran under a name which the next start doesn't know would be run once more.
      await this.context.recorder.durable();
    }
    if (hasOptions) {
      const { updatedAt, options: before } = this.thread.record;
      this.thread.change({ updatedAt, options: withOverrides(before, options) });
    }
  }

  async #leave(): Promise<void> {
    const { ephemeral, engineThreadId } = this.thread.record;
    if (ephemeral || (await this.context.engine.hasBackgroundWork(engineThreadId))) {
      return;
    }
    await this.context.engine.unloadThread(engineThreadId);
    this.closed();
  }

  /** As a rule a thread without a turn is not on the engine's disk: it is made anew then. */
  async #makeOrResume(options: ThreadOptions): Promise<EngineThread> {
    const { record } = this.thread;
    try {
      return await this.#resume(record.engineThreadId, toLoadOptions(record, options, !record.isForeign));
    } catch (error) {
      if (!isNothingStored(error, record)) {
        unreadable(record)(error);
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
