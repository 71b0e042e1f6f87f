import { type Attachments } from '../attachments/attachments.js';
import { type Engine, type ThreadOptions } from '../engine/engine.js';
import { ServiceError } from '../errors.js';
import { type EventRecorder } from '../events/event-recorder.js';
import { type TurnIndex } from '../turns/turn-index.js';
import { type TurnRecord } from '../turns/turn-record.js';
import { type ThreadHistory } from './thread-history.js';
import { type ThreadManager } from './thread-manager.js';
import { type Thread } from './thread.js';

export interface ThreadLifecyclePorts {
  engine: Engine;
  recorder: EventRecorder;
  turns: TurnIndex;
  manager: ThreadManager;
  history: ThreadHistory;
  uploads: Attachments;
}

/** What is done to a thread as a whole. Each is durable when it resolves. */
export class ThreadLifecycle {
  constructor(private readonly ports: ThreadLifecyclePorts) {}

  /** Changes what is the caller's own. */
  async update(
    threadId: string,
    change: { name?: string; metadata?: Readonly<Record<string, string>> },
  ): Promise<Thread> {
    const thread = await this.ports.manager.require(threadId);
    this.ports.recorder.requireHealthy();
    if (change.name !== undefined && thread.record.isMaterialized) {
      await thread.loader.load();
      await this.ports.engine.renameThread(thread.record.engineThreadId, change.name);
    }
    thread.change(change);
    await this.ports.recorder.durable();
    return thread;
  }

  /** Loads the thread into the engine; with options, as if it had been created with them. */
  async resume(threadId: string, options: ThreadOptions): Promise<Thread> {
    const thread = await this.ports.manager.require(threadId);
    if (Object.keys(options).length > 0) {
      thread.turns.requireIdle();
    }
    await thread.loader.load(options);
    await this.ports.recorder.durable();
    return thread;
  }

  async archive(threadId: string): Promise<Thread> {
    return this.#setArchived(threadId, true);
  }

  async unarchive(threadId: string): Promise<Thread> {
    return this.#setArchived(threadId, false);
  }

  /** Deletes the thread with its history, its events and its attachments. Its readers are told by a last `thread/deleted`. */
  async delete(threadId: string): Promise<void> {
    const thread = await this.ports.manager.require(threadId);
    thread.turns.requireIdle();
    this.ports.recorder.requireHealthy();
    if (thread.record.isMaterialized || thread.loader.isLoaded) {
      await this.ports.engine.deleteThread(thread.record.engineThreadId);
    }
    this.ports.manager.remove(thread);
    await this.ports.recorder.durable();
    await this.ports.uploads.threadDeleted(threadId);
  }

  /** A new thread with the history up to and with `turnId`, or all of it. */
  async fork(threadId: string, turnId: string | undefined, options: ThreadOptions): Promise<Thread> {
    const { manager, history } = this.ports;
    const source = await manager.require(threadId);
    requireMaterialized(source);
    const last = turnId === undefined ? undefined : await history.requireTurn(threadId, turnId);
    if (last?.engineTurnId === null) {
      throw new ServiceError('conflict', 'The turn never ran, so nothing can be forked from it.');
    }
    await source.loader.load();
    const fork = await manager.fork(source, last?.engineTurnId ?? undefined, options);
    await history.import(fork, source);
    return fork;
  }

  /** Drops the turns after `turnId`, or the last `numTurns`, from the history. Files stay as they are. */
  async rollback(
    threadId: string,
    to: { turnId?: string; numTurns?: number },
  ): Promise<{ thread: Thread; last: TurnRecord | undefined }> {
    const { manager, engine, recorder } = this.ports;
    const thread = await manager.require(threadId);
    thread.turns.requireIdle();
    const { kept, dropped } = await this.#split(threadId, to);
    const first = dropped.find((turn) => turn.engineTurnId !== null);
    if (first?.engineTurnId) {
      await thread.loader.load();
      await engine.revertThread(thread.record.engineThreadId, first.engineTurnId);
    }
    recorder.deleteTurns(
      threadId,
      dropped.map(({ turnId }) => turnId),
    );
    if (dropped[0]) {
      thread.turns.rewind(dropped[0].position);
    }
    thread.change({});
    await recorder.durable();
    return { thread, last: kept };
  }

  async #split(
    threadId: string,
    to: { turnId?: string; numTurns?: number },
  ): Promise<{ kept: TurnRecord | undefined; dropped: TurnRecord[] }> {
    const turns = await this.ports.history.allTurns(threadId);
    const keptCount =
      to.turnId === undefined
        ? turns.length - (to.numTurns ?? 0)
        : turns.findIndex(({ turnId }) => turnId === to.turnId) + 1;
    if (to.turnId !== undefined && keptCount === 0) {
      throw new ServiceError('turn_not_found', 'This thread has no such turn.');
    }
    if (keptCount < 0) {
      throw new ServiceError(
        'invalid_request',
        `The thread has ${String(turns.length)} turns; num_turns can't be more.`,
        {
          fields: [{ path: 'num_turns', message: `must be at most ${String(turns.length)}` }],
        },
      );
    }
    return { kept: turns[keptCount - 1], dropped: turns.slice(keptCount) };
  }

  async #setArchived(threadId: string, archived: boolean): Promise<Thread> {
    const { manager, engine, recorder } = this.ports;
    const thread = await manager.require(threadId);
    if (thread.record.archived === archived) {
      return thread;
    }
    thread.turns.requireIdle();
    recorder.requireHealthy();
    if (thread.record.isMaterialized) {
      const { engineThreadId } = thread.record;
      await (archived ? engine.archiveThread(engineThreadId) : engine.unarchiveThread(engineThreadId));
    }
    thread.loader.unloaded();
    thread.change({ archived });
    await recorder.durable();
    return thread;
  }
}

function requireMaterialized(thread: Thread): void {
  if (!thread.record.isMaterialized) {
    throw new ServiceError('conflict', 'The thread has no turn yet, so there is nothing to fork. Submit a turn first.');
  }
}
