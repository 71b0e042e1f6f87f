import { ServiceError } from '../../core/errors.js';
import { HostActivity } from './host-activity.js';
import { type ProcessSample } from './recycle-policy.js';
import { type Supervisor } from './supervisor.js';

/** How long a request waits for a process that is being started. */
const READY_TIMEOUT_MS = 10_000;
/** How long the engine may take to let go of a thread in which nothing runs; it takes 2 ms. */
const CLOSE_TIMEOUT_MS = 10_000;

/** What a process is for: agents, or bare models, which are to see nothing that the operator has written for agents. */
export type HostKind = 'agent' | 'model';

/** One of the engine's places: the process in it, and what is going on there. */
export class EngineHost {
  readonly activity = new HostActivity();
  /** What the process takes up, as last looked at. */
  sample: ProcessSample | undefined;
  /** It took the place of another one. */
  isReplacement = false;
  /** It knows the account as it was. New threads are better put elsewhere, if there is one. */
  isStale = false;

  constructor(
    readonly place: number,
    readonly supervisor: Supervisor,
    readonly kind: HostKind = 'agent',
  ) {}

  /** As the engine answers it: rejects with an `RpcError` or a `ServiceError`. */
  async call(method: string, params: unknown, timeoutMs: number): Promise<unknown> {
    const call = this.activity.begin(method, params);
    try {
      const peer = await this.supervisor.whenReady(READY_TIMEOUT_MS);
      const result = await peer.request(method, params, timeoutMs);
      call.succeeded(result);
      return result;
    } catch (error) {
      call.failed();
      throw error;
    }
  }

  /** Resolves when the process has let go of the thread. Throws `turn_in_progress` while anything is done in it. */
  async unload(threadId: string): Promise<void> {
    if (this.activity.isBusy(threadId)) {
      throw new ServiceError('turn_in_progress', 'The thread is in use.');
    }
    const closed = this.activity.whenClosed(threadId);
    const answer = await this.call('thread/unsubscribe', { threadId }, CLOSE_TIMEOUT_MS);
    if ((answer as { status?: unknown }).status === 'unsubscribed') {
      await withTimeout(closed, CLOSE_TIMEOUT_MS);
    }
    this.activity.closed(threadId);
  }

  /** Commands that its turns left running, or agents that work for it. */
  async hasBackgroundWork(threadId: string): Promise<boolean> {
    if (this.activity.hasAgentAtWork(threadId)) {
      return true;
    }
    const answer = await this.call('thread/backgroundTerminals/list', { threadId }, CLOSE_TIMEOUT_MS);
    return (answer as { data: unknown[] }).data.length > 0;
  }

  /** The process is gone: the threads that it had. */
  takeThreads(): Set<string> {
    this.sample = undefined;
    return this.activity.reset();
  }
}

async function withTimeout(promise: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new ServiceError('timeout', 'The engine did not let go of the thread.'));
    }, timeoutMs);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
