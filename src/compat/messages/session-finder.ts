import { Injectable } from '@nestjs/common';
import { ThreadIndex } from '../../core/threads/thread-index.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type Thread } from '../../core/threads/thread.js';

/** Marks the threads that were begun here. */
export const DIALECT = 'messages';

/** Sessions are threads. */
@Injectable()
export class SessionFinder {
  constructor(
    private readonly manager: ThreadManager,
    private readonly threads: ThreadIndex,
  ) {}

  /** By the id of the thread, or by what its client called it. Throws `thread_not_found`. */
  async require(id: string): Promise<Thread> {
    return this.manager.find(this.#findRequested(id) ?? id) ?? this.manager.require(id);
  }

  #findRequested(id: string): string | undefined {
    const metadata = { dialect: DIALECT, request_id: id };
    const newest = { sortKey: 'created_at', sortDirection: 'desc', limit: 1 } as const;
    return this.threads.list({ archived: false, metadata, ...newest }).data[0]?.threadId;
  }
}
