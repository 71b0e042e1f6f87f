import { ServiceError } from '../core/errors.js';

const TIMEOUT_MS = 60_000;

interface Made {
  thread: { id: string };
}

/**
 * Waits for the engine's first word of each thread that it makes, `thread/started`. It comes right after the answer to the
 * call, or, if the engine is read late, with it.
 */
export class Announcements {
  /** Told while calls are under way, whose threads are known by their answers only. */
  readonly #made = new Set<string>();
  readonly #awaited = new Map<string, PromiseWithResolvers<undefined>>();
  #callsUnderWay = 0;

  /**
   * Runs a call that makes a thread; resolves with its answer once the thread is announced. Throws `engine_unavailable`
   * when the engine ends before that, `timeout` when it does not come.
   */
  async during<T extends Made>(make: () => Promise<T>): Promise<T> {
    this.#callsUnderWay += 1;
    try {
      const made = await make();
      const threadId = made.thread.id;
      if (!this.#made.has(threadId)) {
        await this.#announced(threadId);
      }
      return made;
    } finally {
      this.#callsUnderWay -= 1;
      if (this.#callsUnderWay === 0) {
        this.#made.clear();
      }
    }
  }

  hear(method: string, params: unknown): void {
    if (method === 'thread/started' && this.#callsUnderWay > 0) {
      const threadId = (params as Made).thread.id;
      this.#made.add(threadId);
      this.#awaited.get(threadId)?.resolve(undefined);
    }
  }

  /** The process that had these threads is gone, and says no more. */
  lost(threadIds: ReadonlySet<string>): void {
    for (const [threadId, awaited] of this.#awaited) {
      if (threadIds.has(threadId)) {
        awaited.reject(
          new ServiceError('engine_unavailable', 'The engine ended while it made the thread; try again.', {
            retryAfterSeconds: 1,
          }),
        );
      }
    }
  }

  async #announced(threadId: string): Promise<void> {
    const awaited = Promise.withResolvers<undefined>();
    this.#awaited.set(threadId, awaited);
    const timer = setTimeout(() => {
      awaited.reject(new ServiceError('timeout', 'The engine does not say that it has made the thread.'));
    }, TIMEOUT_MS);
    timer.unref();
    try {
      await awaited.promise;
    } finally {
      clearTimeout(timer);
      this.#awaited.delete(threadId);
    }
  }
}
