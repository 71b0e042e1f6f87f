import { type EventLog } from '../../../core/events/event-log.js';
import { type TurnFeed } from '../../../core/turns/turn-feed.js';
import { type TurnIndex } from '../../../core/turns/turn-index.js';
import { type ThreadLifecycle } from '../../../core/threads/thread-lifecycle.js';
import { type ThreadManager } from '../../../core/threads/thread-manager.js';
import { ServiceError, unless } from '../../../core/errors.js';
import { type Logger } from 'pino';
import { pendingCalls, type ResponseRecord } from '../store/response-record.js';
import { HTTP_SCOPE, isStored, outputOf, type ResponseStore } from '../store/response-store.js';
import { toContextHashes } from '../to-core/context-hash.js';
import { ResponseRun } from './response-run.js';
import { isPastTelling, toStoredEvents } from './stored-turn.js';

export interface LiveRunsPorts {
  feed: TurnFeed;
  store: ResponseStore;
  manager: ThreadManager;
  turns: TurnIndex;
  log: EventLog;
  lifecycle: ThreadLifecycle;
  logger: Logger;
}

/** The responses that are being made in this process. */
export class LiveRuns {
  readonly #runs = new Map<string, ResponseRun>();

  constructor(private readonly ports: LiveRunsPorts) {}

  find(responseId: string, callerId: string): ResponseRun | undefined {
    const run = this.#runs.get(responseId);
    return run?.record.callerId === callerId ? run : undefined;
  }

  /** The run of a stored response; it is not followed yet. */
  add(record: ResponseRecord, scope: string): ResponseRun {
    const run = new ResponseRun(record, {
      feed: this.ports.feed,
      store: (ended) => this.#end(ended, scope),
      cutShort: (ended) => void this.interrupt(ended),
    });
    this.#runs.set(record.responseId, run);
    return run;
  }

  /** A response that could not be begun after all. */
  drop({ record }: ResponseRun): void {
    this.#runs.delete(record.responseId);
  }

  /** Goes on with what was under way when the last process ended: it finds out how that came to its end. */
  recover(): void {
    for (const record of this.ports.store.open()) {
      const { threadId, turnId } = record;
      const thread = threadId === null ? undefined : this.ports.manager.find(threadId);
      const run = this.add(record, HTTP_SCOPE);
      const turn = thread?.findTurn(turnId ?? '');
      if (turn && isPastTelling(record, turn, this.ports.log)) {
        run.followStored(toStoredEvents(record, turn, this.ports));
      } else if (turn) {
        run.follow();
      } else {
        run.lose('The server was stopped before this response was begun.');
      }
    }
  }

  /** Ends the turn of a response. A turn that is over is no fault. */
  async interrupt({ threadId, turnId }: ResponseRecord): Promise<void> {
    try {
      const thread = threadId === null ? undefined : await this.ports.manager.require(threadId);
      await thread?.interrupt(turnId ?? '').catch(unless('turn_not_active'));
    } catch (error) {
      this.ports.logger.warn({ err: error, threadId, turnId }, 'the turn of a response could not be interrupted');
    }
  }

  /** Deletes the threads of responses that are not stored and can't be gone on with any more. */
  async discardThreads(records: readonly ResponseRecord[]): Promise<void> {
    const threadIds = new Set(records.flatMap(({ threadId }) => (threadId === null ? [] : [threadId])));
    await Promise.all(
      [...threadIds].map(async (threadId) => {
        const thread = await this.ports.manager.require(threadId);
        await thread.whenIdle();
        await this.ports.lifecycle.delete(threadId);
      }),
    ).catch((error: unknown) => {
      const { code } = ServiceError.from(error);
      if (code !== 'thread_not_found' && code !== 'turn_in_progress') {
        this.ports.logger.warn({ err: error }, 'the thread of a response that is not stored could not be deleted');
      }
    });
  }

  async #end(record: ResponseRecord, scope: string): Promise<void> {
    const { store, logger } = this.ports;
    const parent = store.findParent(record);
    const items = [...record.input, ...outputOf(record)];
    const contextHash = toContextHashes(items, parent?.contextHash ?? '').at(-1) ?? null;
    try {
      await store.end({ ...record, contextHash }, scope);
    } catch (error) {
      logger.error({ err: error, responseId: record.responseId }, 'the end of a response could not be stored');
    } finally {
      this.#runs.delete(record.responseId);
    }
    if (!isStored(record) && scope === HTTP_SCOPE) {
      await this.#forgetWhenUseless(record);
    }
  }

  /** Over HTTP such a response can only be gone on with while its turn waits for outputs. */
  async #forgetWhenUseless(record: ResponseRecord): Promise<void> {
    const { threadId, turnId, end } = record;
    if (pendingCalls(record).length === 0 || threadId === null || turnId === null) {
      return this.discardThreads([record]);
    }
    this.ports.feed.follow({ threadId, turnId, after: end?.seq ?? 0 }).subscribe({
      next: (news) => {
        if (news.type === 'event' && news.event.type === 'turn/completed') {
          void this.discardThreads([record]);
        }
      },
      error: () => undefined,
    });
  }
}
