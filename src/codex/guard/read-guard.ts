import { type Payload } from '../../core/engine/engine.js';
import { ServiceError } from '../../core/errors.js';
import { type LoadedThread } from '../engine-views.js';
import { type SandboxPolicy } from '../protocol/generated/types.js';
import { type EngineCall } from './engine-call.js';
import { type ConfiningPolicy, isConfining, toGuarded, toProfileName } from './guard-profiles.js';
import { type GuardedExec } from './guarded-exec.js';
import { type ReplaceableFolders } from './replaceable-folders.js';

const SETTINGS_TIMEOUT_MS = 30_000;
const LOADS = new Set(['thread/start', 'thread/resume', 'thread/fork']);
const SETS_POLICY = new Set(['turn/start', 'thread/settings/update']);

interface Placement {
  cwd: unknown;
  /** The policy, or the name of a profile. */
  policy: SandboxPolicy | string;
}

interface Loaded extends LoadedThread {
  activePermissionProfile?: { id: string } | null;
}

/**
 * Sees to it that what the engine runs in its sandbox can't read the secrets. The engine knows sandboxes by policies, which
 * say nothing of reading, and by profiles of permissions, which do. It keeps what a profile denies when a policy is set
 * after it, also over a restart, but forgets it with a policy that confines nothing. So every thread gets a profile right
 * after it was loaded, and again before a policy that confines follows one that does not.
 */
export class ReadGuard {
  /** Threads whose last policy confines nothing. */
  readonly #unconfined = new Set<string>();
  /** Who waits for a change of a thread's settings, which the engine tells after its answer. */
  readonly #waits = new Map<string, () => void>();

  /** Where loaded threads work and what they may do there. */
  readonly #places = new Map<string, Placement>();

  constructor(
    private readonly exec: GuardedExec,
    private readonly folders: ReplaceableFolders,
  ) {}

  async call(method: string, params: unknown, next: EngineCall): Promise<unknown> {
    if (LOADS.has(method)) {
      await this.#requireLoadable(params as Payload, next);
      const loaded = (await next(method, toGuardedParams(params as Payload))) as Loaded;
      try {
        await this.#cover(loaded, next);
      } catch (error) {
        // Nobody will use it. Should it not be let go of, the engine's end does so.
        await next('thread/unsubscribe', { threadId: loaded.thread.id }).catch(() => undefined);
        throw error;
      }
      return loaded;
    }
    if (SETS_POLICY.has(method)) {
      return this.#setPolicy(method, params as Payload, next);
    }
    return next(method, method === 'command/exec' ? await this.exec.toParams(params as Payload, next) : params);
  }

  /** Throws `forbidden` for settings of a thread by which it could write where the server's own folders are. */
  requireAllowed({ sandboxPolicy, permissions }: Payload, cwd: unknown): void {
    const policy = (sandboxPolicy ?? permissions) as Placement['policy'] | undefined;
    if (policy !== undefined) {
      this.folders.requireOutOfReach(policy, cwd);
    }
  }

  /** Before the engine makes anything, so that nothing is left of what is refused. */
  async #requireLoadable({ threadId, sandbox, cwd }: Payload, next: EngineCall): Promise<void> {
    const before = this.#places.get(String(threadId));
    const kept = sandbox === undefined ? before?.policy : undefined;
    const policy = sandbox === 'workspace-write' ? ':workspace' : kept;
    if (policy === undefined) {
      return;
    }
    const read = async (): Promise<unknown> =>
      ((await next('thread/read', { threadId, includeTurns: false })) as LoadedThread).thread.cwd;
    this.folders.requireOutOfReach(policy, cwd ?? before?.cwd ?? (threadId === undefined ? undefined : await read()));
  }

  /** Whether a notification only tells what was done here, so that it is no news to others. */
  hears(method: string, params: unknown): boolean {
    if (method === 'thread/closed') {
      const threadId = String((params as Payload).threadId);
      this.#unconfined.delete(threadId);
      this.#places.delete(threadId);
    }
    if (this.#waits.size === 0 || method !== 'thread/settings/updated') {
      return false;
    }
    const wait = this.#waits.get(String((params as Payload).threadId));
    wait?.();
    return wait !== undefined;
  }

  async #cover(loaded: Loaded, next: EngineCall): Promise<void> {
    const { thread, cwd, sandbox, activePermissionProfile: active } = loaded;
    this.folders.requireOutOfReach(sandbox, cwd);
    this.#places.set(thread.id, { cwd, policy: sandbox });
    if (!isConfining(sandbox)) {
      this.#unconfined.add(thread.id);
      return;
    }
    this.#unconfined.delete(thread.id);
    // In any other one, of this server or the operator's own, the secrets are denied already.
    if (!active || active.id.startsWith(':')) {
      await this.#apply(thread.id, { permissions: toProfileName(sandbox) }, next);
      await this.#addFolders(thread.id, sandbox, next);
    }
  }

  async #addFolders(threadId: string, policy: ConfiningPolicy, next: EngineCall): Promise<void> {
    if (policy.type === 'workspaceWrite' && policy.writableRoots.length > 0) {
      await this.#apply(threadId, { sandboxPolicy: policy }, next);
    }
  }

  async #setPolicy(method: string, given: Payload, next: EngineCall): Promise<unknown> {
    const params = toGuardedParams(given);
    const threadId = String(params.threadId);
    const policy = params.sandboxPolicy as SandboxPolicy | null | undefined;
    this.#place(threadId, policy ?? (params.permissions as string | undefined), params.cwd);
    if (!policy) {
      return next(method, params);
    }
    if (!isConfining(policy)) {
      this.#unconfined.add(threadId);
    } else if (this.#unconfined.has(threadId)) {
      await this.#apply(threadId, { permissions: toProfileName(policy) }, next);
      this.#unconfined.delete(threadId);
    }
    return next(method, params);
  }

  /** Notes what a thread changes to. */
  #place(threadId: string, policy: Placement['policy'] | undefined, cwd: unknown): void {
    const before = this.#places.get(threadId);
    const place = { cwd: cwd ?? before?.cwd, policy: policy ?? before?.policy };
    if ((policy ?? cwd) && place.policy) {
      this.folders.requireOutOfReach(place.policy, place.cwd);
      this.#places.set(threadId, { cwd: place.cwd, policy: place.policy });
    }
  }

  /** Resolves when it is in force. */
  async #apply(threadId: string, settings: Payload, next: EngineCall): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      reject(new ServiceError('timeout', 'The engine did not take up the sandbox of the thread in time.'));
    }, SETTINGS_TIMEOUT_MS);
    this.#waits.set(threadId, () => {
      resolve(undefined);
    });
    try {
      await Promise.all([promise, next('thread/settings/update', { threadId, ...settings })]);
    } finally {
      clearTimeout(timer);
      this.#waits.delete(threadId);
    }
  }
}

function toGuardedParams(params: Payload): Payload {
  const { permissions } = params;
  return typeof permissions === 'string' ? { ...params, permissions: toGuarded(permissions) } : params;
}
