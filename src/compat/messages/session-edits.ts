import { Injectable } from '@nestjs/common';
import { ServiceError } from '../../core/errors.js';
import { KeyedLock } from '../../core/keyed-lock.js';
import { type Authority } from '../../core/permissions/authority.js';
import { ThreadHistory } from '../../core/threads/thread-history.js';
import { ThreadLifecycle } from '../../core/threads/thread-lifecycle.js';
import { type Thread } from '../../core/threads/thread.js';
import { type TurnRecord } from '../../core/turns/turn-record.js';
import { type EventStream } from '../../http/sse/event-stream.js';
import { type SseSink } from '../../http/sse/response-sink.js';
import { type UserEdit } from './messages.dto.js';
import { SessionFinder } from './session-finder.js';
import { SessionRuns } from './session-runs.js';

/** `user_edit`. */
@Injectable()
export class SessionEdits {
  readonly #lock = new KeyedLock();

  constructor(
    private readonly finder: SessionFinder,
    private readonly history: ThreadHistory,
    private readonly lifecycle: ThreadLifecycle,
    private readonly runs: SessionRuns,
  ) {}

  /**
   * Drops a message with all that came after it, and runs the new one in its place. Throws `turn_not_found` where another
   * edit has dropped it meanwhile, and `forbidden` where the caller may not run turns in the thread.
   */
  async edit({ id, message, turn_id: given }: UserEdit, sink: SseSink, authority: Authority): Promise<EventStream> {
    const thread = await this.finder.require(id);
    thread.requireWithin(authority);
    await thread.requireFolder();
    const turnId = given ?? (await this.#lastMessage(thread));
    return this.#lock.run(thread.threadId, async () => {
      const turns = await this.history.allTurns(thread.threadId);
      const place = turns.findLastIndex((turn) => turn.turnId === turnId);
      if (place === -1) {
        throw notFound();
      }
      await stop(thread);
      const numTurns = (await this.history.allTurns(thread.threadId)).length - place;
      await this.lifecycle.rollback(thread.threadId, { numTurns });
      const before = [{ type: 'thread_rolled_back' as const, num_turns: numTurns }];
      return this.runs.begin({ thread, message, before, sink, authority });
    });
  }

  async #lastMessage({ threadId }: Thread): Promise<string> {
    const last = (await this.history.allTurns(threadId)).findLast(isMessage);
    if (!last) {
      throw notFound();
    }
    return last.turnId;
  }
}

function notFound(): ServiceError {
  return new ServiceError('turn_not_found', 'This session has no such message to edit.');
}

const isMessage = ({ input, status }: TurnRecord): boolean => input.length > 0 && status !== 'cancelled';

/** Interrupts what runs and cancels what waits; resolves when the thread is idle. */
async function stop(thread: Thread): Promise<void> {
  for (const { turnId } of thread.queuedTurns) {
    await thread.interrupt(turnId);
  }
  const { activeTurn: active } = thread;
  if (active) {
    await thread.interrupt(active.turnId);
    await thread.whenIdle();
  }
}
