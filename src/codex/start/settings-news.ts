import { ServiceError } from '../../core/errors.js';
import { type SandboxPolicy } from '../protocol/generated/types.js';

interface SettingsUpdate {
  threadId: string;
  threadSettings: { sandboxPolicy: SandboxPolicy };
}

interface Wait {
  resolve: (policy: SandboxPolicy) => void;
  reject: (error: unknown) => void;
}

/** Who waits for a change of a thread's settings to be in force, which the engine says after its answer. */
export class SettingsNews {
  readonly #waits = new Map<string, Wait>();

  /**
   * Runs `change` and resolves with the sandbox that the thread has by it. Rejects with what `change` rejects with, with
   * `engine_unavailable` when the engine ended meanwhile, and with `timeout`.
   */
  async of(threadId: string, change: () => Promise<unknown>, timeoutMs: number): Promise<SandboxPolicy> {
    const { promise, resolve, reject } = Promise.withResolvers<SandboxPolicy>();
    this.#waits.set(threadId, { resolve, reject });
    const timer = setTimeout(() => {
      reject(new ServiceError('timeout', 'The engine did not take up the sandbox of the new thread in time.'));
    }, timeoutMs);
    timer.unref();
    try {
      const [policy] = await Promise.all([promise, change()]);
      return policy;
    } finally {
      clearTimeout(timer);
      this.#waits.delete(threadId);
    }
  }

  /** Whether it was what somebody waits for, and so is no news to others. */
  hear(method: string, params: unknown): boolean {
    if (method !== 'thread/settings/updated' || this.#waits.size === 0) {
      return false;
    }
    const { threadId, threadSettings } = params as SettingsUpdate;
    const wait = this.#waits.get(threadId);
    wait?.resolve(threadSettings.sandboxPolicy);
    return wait !== undefined;
  }

  /** The process with these threads has ended. */
  lost(threadIds: ReadonlySet<string>): void {
    for (const threadId of threadIds) {
      this.#waits.get(threadId)?.reject(new ServiceError('engine_unavailable', 'The engine ended; try again.'));
    }
  }
}
