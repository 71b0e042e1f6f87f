/** Requests after which a turn runs in the thread until the engine says that it is over. */
const BEGINS_TURN = new Set(['turn/start', 'review/start', 'thread/compact/start']);
/** Requests whose answer tells of a thread that is loaded from then on. */
const MAKES_THREAD = new Set(['thread/start', 'thread/fork']);

/** What is said of a thread that is not loaded any more. */
const ENDS_THREAD = new Set(['thread/closed', 'thread/archived', 'thread/deleted']);

/** What is said of a thread and of its turns as a whole. */
const OF_THREAD = new Set([
  'turn/started',
  'turn/completed',
  'thread/started',
  'thread/status/changed',
  ...ENDS_THREAD,
]);

/** A request that is under way. */
export interface PendingCall {
  succeeded: (result: unknown) => void;
  failed: () => void;
}

type Params = Readonly<Record<string, unknown>>;

/**
 * What goes on in one process of the engine, gathered from what it is asked and what it says: which threads it has,
 * which of them are active, what waits for an answer. Total: a message that makes no sense changes nothing.
 */
export class HostActivity {
  /** All that the process has in memory, as far as it was said. */
  readonly threads = new Set<string>();
  readonly #active = new Set<string>();
  /** Threads that somebody asked for here. The others are the engine's own agents. */
  readonly #asked = new Set<string>();
  readonly #callsOf = new Map<string, number>();
  /** Agent → the thread or agent that set it to work. */
  readonly #principals = new Map<string, string>();
  /** Log-ins that go on in a browser; the process waits for their end. */
  readonly #logins = new Set<string>();
  readonly #closing = new Map<string, PromiseWithResolvers<undefined>>();
  readonly #watchers = new Set<() => void>();
  #calls = 0;

  get activeThreads(): number {
    return this.#active.size;
  }

  get callsInFlight(): number {
    return this.#calls;
  }

  /** Whether an agent of the engine's own is at work for the thread, or one of which it is not known for whom. */
  hasAgentAtWork(threadId: string): boolean {
    const agents = [...this.#active].filter((active) => !this.#asked.has(active));
    return agents.some((agent) => [threadId, agent].includes(this.#principalOf(agent)));
  }

  hasLogin(loginId: unknown): boolean {
    return typeof loginId === 'string' && this.#logins.has(loginId);
  }

  /** Whether a turn runs in the thread, or a request of it waits for its answer. */
  isBusy(threadId: string): boolean {
    return this.#active.has(threadId) || this.#callsOf.has(threadId);
  }

  begin(method: string, params: unknown): PendingCall {
    const { threadId, name } = toParams(params);
    const undo = typeof threadId === 'string' ? this.#beginOf(method, threadId) : () => undefined;
    this.#calls += 1;
    const end = (): void => {
      this.#calls -= 1;
      if (typeof threadId === 'string') {
        this.#endOf(threadId);
      }
      this.#changed();
    };
    return {
      succeeded: (result) => {
        this.#answered(method, toParams(result), name);
        end();
      },
      failed: () => {
        undo();
        end();
      },
    };
  }

  /** Hot: each delta of each turn passes here. */
  hear(method: string, params: unknown): void {
    if (OF_THREAD.has(method)) {
      this.#hearOfThread(method, toParams(params));
    } else if (method === 'item/completed') {
      this.#hearOfItem(toParams(toParams(params).item));
    } else if (method === 'account/login/completed') {
      this.#loginEnded(String(toParams(params).loginId));
    } else if (method === 'mcpServer/oauthLogin/completed') {
      this.#loginEnded(`mcp ${String(toParams(params).name)}`);
    }
  }

  /** Resolves when the thread is not in memory any more. */
  whenClosed(threadId: string): Promise<void> {
    const closing = this.#closing.get(threadId) ?? Promise.withResolvers<undefined>();
    this.#closing.set(threadId, closing);
    return closing.promise;
  }

  closed(threadId: string): void {
    this.threads.delete(threadId);
    this.#active.delete(threadId);
    this.#asked.delete(threadId);
    this.#principals.delete(threadId);
    this.#closing.get(threadId)?.resolve(undefined);
    this.#closing.delete(threadId);
    this.#changed();
  }

  /** The process is gone, and with it all of this. Returns the threads that it had. */
  reset(): Set<string> {
    const threads = new Set(this.threads);
    for (const threadId of threads) {
      this.closed(threadId);
    }
    this.#logins.clear();
    this.#changed();
    return threads;
  }

  /**
   * Resolves when nothing is going on: no turn, no request, and no thread in memory and no log-in either. Those two are
   * given up after `timeoutMs`.
   */
  async whenDone(timeoutMs: number): Promise<void> {
    const done = Promise.withResolvers<undefined>();
    let isLate = false;
    const look = (): void => {
      const isFree = this.threads.size === 0 && this.#logins.size === 0;
      if (this.#active.size === 0 && this.#calls === 0 && (isFree || isLate)) {
        done.resolve(undefined);
      }
    };
    const timer = setTimeout(() => {
      isLate = true;
      look();
    }, timeoutMs);
    timer.unref();
    this.#watchers.add(look);
    look();
    await done.promise;
    clearTimeout(timer);
    this.#watchers.delete(look);
  }

  /** Takes note of a request before it is sent, so that no moment is between it and what it begins. */
  #beginOf(method: string, threadId: string): () => void {
    this.#callsOf.set(threadId, (this.#callsOf.get(threadId) ?? 0) + 1);
    if (method === 'thread/resume' && !this.threads.has(threadId)) {
      this.#loaded(threadId);
      return () => {
        this.closed(threadId);
      };
    }
    if (BEGINS_TURN.has(method) && !this.#active.has(threadId)) {
      this.#active.add(threadId);
      return () => this.#active.delete(threadId);
    }
    return () => undefined;
  }

  #endOf(threadId: string): void {
    const left = (this.#callsOf.get(threadId) ?? 1) - 1;
    if (left > 0) {
      this.#callsOf.set(threadId, left);
    } else {
      this.#callsOf.delete(threadId);
    }
  }

  #answered(method: string, result: Params, name: unknown): void {
    const threadId = toParams(result.thread).id;
    if (MAKES_THREAD.has(method) && typeof threadId === 'string') {
      this.#loaded(threadId);
    } else if (method === 'account/login/start' && typeof result.loginId === 'string') {
      this.#logins.add(result.loginId);
    } else if (method === 'mcpServer/oauth/login') {
      this.#logins.add(`mcp ${String(name)}`);
    }
  }

  /** The thread for which it works in the end; itself when that is not known. */
  #principalOf(agent: string): string {
    const line = new Set<string>();
    let last: string | undefined = agent;
    while (last !== undefined && !line.has(last)) {
      line.add(last);
      last = this.#principals.get(last);
    }
    return last === undefined ? ([...line].at(-1) ?? agent) : agent;
  }

  #hearOfItem({ type, senderThreadId, receiverThreadIds }: Params): void {
    if (type === 'collabAgentToolCall' && typeof senderThreadId === 'string' && Array.isArray(receiverThreadIds)) {
      for (const receiver of receiverThreadIds.filter((id) => !this.#asked.has(String(id)))) {
        // An agent may write to others later, to its own principal too; who set it to work stays the same.
        const agent = String(receiver);
        this.#principals.set(agent, this.#principals.get(agent) ?? senderThreadId);
      }
    }
  }

  #loginEnded(login: string): void {
    this.#logins.delete(login);
    this.#changed();
  }

  #loaded(threadId: string): void {
    this.threads.add(threadId);
    this.#asked.add(threadId);
  }

  #hearOfThread(method: string, params: Params): void {
    const threadId = params.threadId ?? toParams(params.thread).id;
    if (typeof threadId !== 'string') {
      return;
    }
    if (ENDS_THREAD.has(method)) {
      this.closed(threadId);
      return;
    }
    const status = toParams(params.status).type;
    if (status !== 'notLoaded') {
      this.threads.add(threadId);
    }
    if (method === 'turn/started' || status === 'active') {
      this.#active.add(threadId);
    } else if (method === 'turn/completed' || method === 'thread/status/changed') {
      this.#active.delete(threadId);
      this.#changed();
    }
  }

  #changed(): void {
    for (const look of this.#watchers) {
      look();
    }
  }
}

function toParams(value: unknown): Params {
  return typeof value === 'object' && value !== null ? (value as Params) : {};
}
