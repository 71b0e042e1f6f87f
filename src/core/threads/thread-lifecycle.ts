import { type Attachments } from '../attachments/attachments.js';
import { type Engine } from '../engine/engine.js';
import { type ThreadOptions } from '../engine/options.js';
import { ServiceError, unless } from '../errors.js';
import { type EventRecorder } from '../events/event-recorder.js';
import { type OperationRef } from '../idempotency/operation-ref.js';
import { type Authority } from '../permissions/authority.js';
import { type ConfigPolicy } from '../permissions/config-policy.js';
import { type Workspace } from '../workspace/workspace.js';
import { withRealFolder } from './load-options.js';
import { type TurnIndex } from '../turns/turn-index.js';
import { type TurnRecord } from '../turns/turn-record.js';
import { NO_POSITION } from './engine-turns.js';
import { type RollbackPoint, type ThreadHistory } from './thread-history.js';
import { type ThreadManager } from './thread-manager.js';
import { type Thread } from './thread.js';
import { unreadable } from './unreadable.js';

export interface ThreadLifecyclePorts {
  engine: Engine;
  recorder: EventRecorder;
  turns: TurnIndex;
  manager: ThreadManager;
  history: ThreadHistory;
  uploads: Attachments;
  workspace: Workspace;
  configPolicy: ConfigPolicy;
}

/** Where a new thread begins, and what it is to work with in place of what the other one does. */
export interface ForkRequest {
  turnId?: string | undefined;
  options: ThreadOptions;
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
      await this.ports.engine.renameThread(thread.record.engineThreadId, change.name).catch(unreadable(thread.record));
    }
    thread.label(change);
    await this.ports.recorder.durable();
    return thread;
  }

  /**
   * Loads the thread into the engine; with options, as if it had been created with them. Throws `forbidden` for what is
   * above the caller's ceiling, for keys of `config` that the caller may not set, and for a folder that is not the thread's
   * any more or lies outside the workspace.
   */
  async resume(threadId: string, options: ThreadOptions, authority: Authority): Promise<Thread> {
    this.ports.configPolicy.requireOverrides(options, authority);
    const thread = await this.ports.manager.require(threadId);
    thread.requireWithin(authority, options);
    const placed = await withRealFolder(this.ports.workspace, options, authority);
    if (Object.keys(placed).length > 0) {
      thread.requireIdle();
    }
    await thread.load(placed);
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
    thread.requireIdle();
    this.ports.recorder.requireHealthy();
    await thread.delete(() => this.#deleteInEngine(thread));
    this.ports.manager.remove(thread);
    await this.ports.recorder.durable();
    await this.ports.uploads.threadDeleted(threadId);
  }

  async #deleteInEngine({ record, isLoaded }: Thread): Promise<void> {
    const { ephemeral, isMaterialized, engineThreadId } = record;
    if (ephemeral && isLoaded) {
      // The engine has nothing of it on its disk that it could delete.
      await this.ports.engine.unloadThread(engineThreadId);
    } else if (!ephemeral && (isMaterialized || isLoaded)) {
      // It may be gone already: the server died right after that, or the engine before it had written anything.
      await this.ports.engine.deleteThread(engineThreadId).catch(unless('thread_not_found')).catch(unless('gone'));
    }
  }

  /**
   * A new thread with the history up to and with `turnId`, or all of it. Throws `forbidden` as `resume`; a thread whose
   * own folder can't be worked in is forked with another `cwd`.
   */
  async fork(
    threadId: string,
    { turnId, options }: ForkRequest,
    authority: Authority,
    operation?: OperationRef,
  ): Promise<Thread> {
    const { manager, history, configPolicy } = this.ports;
    configPolicy.requireOverrides(options, authority);
    const source = await manager.require(threadId);
    const made = manager.findMade(operation);
    if (made) {
      // The history may not have been brought over before the end.
      const at = turnId === undefined ? undefined : await history.requireTurn(threadId, turnId);
      await history.carryOver(made, source, at);
      return made;
    }
    requireMaterialized(source);
    const last = turnId === undefined ? undefined : await history.requireTurn(threadId, turnId);
    requireForkPoint(last);
    source.requireWithin(authority, options);
    const placed = await withRealFolder(this.ports.workspace, options, authority);
    if (placed.cwd === undefined) {
      await source.load();
    }
    const point = last?.engineTurnId ? { lastEngineTurnId: last.engineTurnId } : {};
    const fork = await manager.fork(source, point, placed, operation).catch(unreadable(source.record));
    await history.carryOver(fork, source, last);
    return fork;
  }

  /** Drops the turns after `turnId`, or the last `numTurns`, from the history. Files stay as they are. */
  async rollback(
    threadId: string,
    to: RollbackPoint,
    operation?: OperationRef,
  ): Promise<{ thread: Thread; last: TurnRecord | undefined }> {
    const { manager, engine, recorder } = this.ports;
    const thread = await manager.require(threadId);
    if (operation?.isRetry && thread.record.rolledBackBy === operation.id) {
      return { thread, last: (await this.ports.history.lastTurns(threadId, { numTurns: 0 })).kept };
    }
    thread.requireIdle();
    const { kept, dropped } = await this.ports.history.lastTurns(threadId, to);
    const first = dropped.find((turn) => turn.engineTurnId !== null);
    if (first?.engineTurnId) {
      await thread.load();
      // It may have done so already, right before the server died.
      await engine
        .revertThread(thread.record.engineThreadId, first.engineTurnId)
        .catch(unless('turn_not_found'))
        .catch(unreadable(thread.record));
    }
    recorder.deleteTurns(
      threadId,
      dropped.map(({ turnId }) => turnId),
    );
    thread.rewind(dropped.find(({ position }) => position !== NO_POSITION)?.position, operation);
    await recorder.durable();
    return { thread, last: kept };
  }

  async #setArchived(threadId: string, archived: boolean): Promise<Thread> {
    const { manager, engine, recorder } = this.ports;
    const thread = await manager.require(threadId);
    if (thread.record.archived === archived) {
      return thread;
    }
    thread.requireIdle();
    recorder.requireHealthy();
    let isArchivedHere = false;
    if (thread.record.isMaterialized) {
      const { engineThreadId } = thread.record;
      const done = archived ? engine.archiveThread(engineThreadId) : engine.unarchiveThread(engineThreadId);
      isArchivedHere = await done.then(() => false, hasNoFile);
    }
    thread.archived({ archived, isArchivedHere });
    await recorder.durable();
    return thread;
  }
}

/** Not there: it was done right before the server died, or the file is broken. Throws every other error. */
function hasNoFile(error: unknown): true {
  const { code } = ServiceError.from(error);
  if (code === 'thread_not_found' || code === 'gone' || code === 'thread_unreadable') {
    return true;
  }
  throw error;
}

function requireMaterialized(thread: Thread): void {
  if (!thread.record.isMaterialized) {
    throw new ServiceError('conflict', 'The thread has no turn yet, so there is nothing to fork. Submit a turn first.');
  }
}

function requireForkPoint(last: TurnRecord | undefined): void {
  if (last?.status === 'in_progress') {
    throw new ServiceError(
      'turn_in_progress',
      'This turn still runs; wait for it, interrupt it, or fork at an earlier one.',
    );
  }
  if (last?.engineTurnId === null) {
    throw new ServiceError('conflict', 'The turn never ran, so nothing can be forked from it.');
  }
}
