import { type Engine, type EngineThread } from '../engine/engine.js';
import { type Log } from '../log.js';
import { type ThreadManager } from './thread-manager.js';
import { type ThreadRecord } from './thread-record.js';

const PAGE = 100;
const MIN_INTERVAL_MS = 5_000;

/**
 * Brings threads that other Codex clients made, in the same Codex home, into the index. It runs in the background: a
 * list is answered from the index at once, and shows a new stranger at the next call.
 */
export class ThreadSync {
  #running: Promise<void> | undefined;
  #lastMs = -Infinity;

  constructor(private readonly ports: { engine: Engine; manager: ThreadManager; log: Log }) {}

  /** Looks again unless that was done just now. */
  refresh(): void {
    if (this.#running || performance.now() - this.#lastMs < MIN_INTERVAL_MS) {
      return;
    }
    this.run().catch((error: unknown) => {
      this.ports.log.write('warn', 'The engine could not list its threads.', { err: error });
    });
  }

  /** Looks now; resolves when the index has all that the engine lists. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      this.#lastMs = performance.now();
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    for (const archived of [false, true]) {
      let cursor: string | null | undefined;
      do {
        const page = await this.ports.engine.listThreads({ archived, limit: PAGE, ...(cursor ? { cursor } : {}) });
        for (const thread of page.data) {
          this.#take(thread, archived);
        }
        cursor = page.nextCursor;
      } while (cursor);
    }
  }

  /**
   * The server may have died between the engine's archiving of a thread and its own note of it. Only the first run, before
   * anybody can ask for anything, may say so: a later one can be overtaken by a request.
   */
  #alignOwn(known: ThreadRecord, engineThread: EngineThread, archived: boolean): void {
    const isSame = known.engineThreadId === engineThread.engineThreadId;
    if (this.#lastMs === -Infinity && isSame && known.archived !== archived && known.isArchivedHere !== true) {
      this.ports.manager.adopt(engineThread).align({ archived, updatedAt: known.updatedAt });
    }
  }

  #take(engineThread: EngineThread, isInArchive: boolean): void {
    const { manager } = this.ports;
    const known = manager.findRecordByEngineId(engineThread.engineThreadId);
    if (known?.isForeign === false) {
      this.#alignOwn(known, engineThread, isInArchive);
      return;
    }
    const archived = known?.isArchivedHere === true ? known.archived : isInArchive;
    const { name, preview, updatedAt } = engineThread;
    const isNews =
      known?.name !== name || known.preview !== preview || known.archived !== archived || known.updatedAt < updatedAt;
    if (isNews) {
      manager.adopt(engineThread).align({ name, preview, updatedAt, archived });
    }
  }
}
