import { Inject, Injectable } from '@nestjs/common';
import { EngineView } from '../../core/engine/engine-view.js';
import { type Authority } from '../../core/permissions/authority.js';
import { ThreadLifecycle } from '../../core/threads/thread-lifecycle.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type Thread } from '../../core/threads/thread.js';
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
  ) {}

  async start(options: StartThread, authority: Authority): Promise<Thread> {
    const given = toOptions(this.view, 'ThreadStartParams', options);
    return this.manager.create(given, authority, { metadata: METADATA });
  }

  async resume({ threadId, ...options }: ResumeThread, authority: Authority): Promise<Thread> {
    const given = toOptions(this.view, 'ThreadResumeParams', options);
    return this.lifecycle.resume(threadId, given, authority);
  }

  async fork({ threadId, lastTurnId, ...options }: ForkThread, authority: Authority): Promise<Thread> {
    const given = toOptions(this.view, 'ThreadForkParams', options);
    return this.lifecycle.fork(threadId, { turnId: lastTurnId ?? undefined, options: given }, authority);
  }
}
