import { Inject, Injectable } from '@nestjs/common';
import { EngineView } from '../../core/engine/engine-view.js';
import { type Payload } from '../../core/engine/engine.js';
import { ThreadLifecycle } from '../../core/threads/thread-lifecycle.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type Thread } from '../../core/threads/thread.js';
import { ConfigAdmin } from '../../http/workspace/config-admin.js';
import { WorkspaceRoots } from '../../http/workspace/workspace-roots.js';
import { type ForkThread, type ResumeThread, type StartThread } from './bridge.dto.js';
import { toOptions } from './to-core.js';

const METADATA = { dialect: 'bridge' };

/** Makes and loads threads with what this server allows of the options. */
@Injectable()
export class BridgeLifecycle {
  @Inject(EngineView)
  private readonly view!: EngineView;

  constructor(
    private readonly manager: ThreadManager,
    private readonly lifecycle: ThreadLifecycle,
    private readonly roots: WorkspaceRoots,
    private readonly admin: ConfigAdmin,
  ) {}

  async start({ cwd, ...options }: StartThread): Promise<Thread> {
    const given = toOptions(this.view, 'ThreadStartParams', { ...options, cwd: cwd ?? this.roots.defaultPath });
    return this.manager.create(await this.#allowed(given), { metadata: METADATA });
  }

  async resume({ threadId, ...options }: ResumeThread): Promise<Thread> {
    const given = toOptions(this.view, 'ThreadResumeParams', options);
    return this.lifecycle.resume(threadId, await this.#allowed(given));
  }

  async fork({ threadId, lastTurnId, ...options }: ForkThread): Promise<Thread> {
    const given = toOptions(this.view, 'ThreadForkParams', options);
    return this.lifecycle.fork(threadId, lastTurnId ?? undefined, await this.#allowed(given));
  }

  /** Throws `forbidden` for a folder outside the roots, and for configuration that is the operator's. */
  async #allowed(options: Payload): Promise<Payload> {
    this.admin.requireOverrides(options.config);
    const { cwd } = options;
    return typeof cwd === 'string' ? { ...options, cwd: await this.roots.requireInside(cwd, 'cwd') } : options;
  }
}
