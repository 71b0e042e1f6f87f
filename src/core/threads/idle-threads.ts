import { type Subscription } from 'rxjs';
import { type EventRecorder } from '../events/event-recorder.js';
import { type Log } from '../log.js';
import { type ThreadManager } from './thread-manager.js';
import { type Thread } from './thread.js';

export interface IdleThreadsOptions {
  /** How long nothing must have happened in a thread for it to leave the memory. */
  idleThreadTimeoutMs: number;
}

export interface IdleThreadsPorts {
  manager: ThreadManager;
  recorder: EventRecorder;
  log: Log;
}

const MAX_INTERVAL_MS = 30_000;
/** How often threads are looked at that leave a process as soon as they can. */
const MOVING_INTERVAL_MS = 200;

/**
 * Has threads in which nothing happens leave the memory of the engine, and that of this process: the next use brings
 * them back, with all that they were. Threads whose engine process is to be replaced leave it at once.
 */
export class IdleThreads {
  #timer: NodeJS.Timeout | undefined;
  #subscription: Subscription | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(
    private readonly ports: IdleThreadsPorts,
    private readonly options: IdleThreadsOptions,
  ) {}

  start(): void {
    this.#subscription = this.ports.manager.retiring.subscribe(() => {
      this.#schedule(0);
    });
    this.#schedule(this.#intervalMs);
  }

  stop(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
    clearTimeout(this.#timer);
  }

  get #intervalMs(): number {
    return Math.min(MAX_INTERVAL_MS, this.options.idleThreadTimeoutMs / 4);
  }

  #schedule(delayMs: number): void {
    if (this.#subscription) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        this.#sweeping ??= this.#sweep();
        void this.#sweeping.then(() => {
          this.#sweeping = undefined;
          const isMoving = [...this.ports.manager.live].some(({ mustMove }) => mustMove);
          this.#schedule(isMoving ? Math.min(MOVING_INTERVAL_MS, this.#intervalMs) : this.#intervalMs);
        });
      }, delayMs);
      this.#timer.unref();
    }
  }

  /** One after the other: whoever wants something of the engine meanwhile goes between. */
  async #sweep(): Promise<void> {
    const { idleThreadTimeoutMs } = this.options;
    for (const thread of this.ports.manager.live) {
      const isIdle = thread.isQuiet && thread.idleMs >= idleThreadTimeoutMs;
      if (thread.isLoaded && (isIdle || (thread.isQuiet && thread.mustMove))) {
        await this.#unload(thread);
      }
      if (isIdle && !thread.isLoaded) {
        await this.#forget(thread);
      }
    }
  }

  async #unload(thread: Thread): Promise<void> {
    try {
      await thread.unload();
    } catch (error) {
      this.ports.log.write('warn', 'An idle thread was not unloaded; that is tried again.', {
        threadId: thread.threadId,
        err: error,
      });
    }
  }

  /** Its numbers are read from the store when it is opened again, so all that happened must be there. */
  async #forget(thread: Thread): Promise<void> {
    const isStored = await this.ports.recorder.durable().then(
      () => true,
      () => false,
    );
    if (isStored && thread.isQuiet && !thread.isLoaded && thread.idleMs >= this.options.idleThreadTimeoutMs) {
      this.ports.manager.forget(thread);
    }
  }
}
