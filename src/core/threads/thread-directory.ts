import { ServiceError } from '../errors.js';
import { type EventRecorder } from '../events/event-recorder.js';
import { type IdFilter, type Page, type ThreadIndex, type ThreadQuery } from './thread-index.js';
import { type ThreadManager } from './thread-manager.js';
import { type ThreadRecord } from './thread-record.js';
import { type Thread } from './thread.js';
import { type ThreadSync } from './thread-sync.js';
import { type ThreadStatus } from './thread-status.js';

/** A thread as it is at this moment, without its turns. */
export interface ThreadSnapshot {
  record: ThreadRecord;
  status: ThreadStatus;
  activeTurnId: string | null;
  /** Questions of the agent that nobody has answered yet. */
  pendingApprovals: number;
  /** Turns that wait for the one that runs. */
  queuedTurns: number;
  /** The number of its last durable event. */
  latestSeq: number;
}

export interface ThreadDirectoryPorts {
  manager: ThreadManager;
  recorder: EventRecorder;
  threads: ThreadIndex;
  sync: ThreadSync;
}

/** Reads threads: never waits for the engine where this server knows the thread. */
export class ThreadDirectory {
  constructor(private readonly ports: ThreadDirectoryPorts) {}

  /** The number of the server's last durable event. */
  get latestGlobalSeq(): number {
    return this.ports.recorder.committedGlobalSeq;
  }

  /** `undefined` when only the engine could tell. */
  find(threadId: string): ThreadSnapshot | undefined {
    const record = this.ports.manager.findRecord(threadId);
    return record && this.#snapshot(record);
  }

  /** Throws `thread_not_found`. */
  async require(threadId: string): Promise<ThreadSnapshot> {
    return this.find(threadId) ?? this.#snapshot((await this.ports.manager.require(threadId)).record);
  }

  /** As `EventRecorder.revision`; asking also has the engine looked at again for threads of other clients, by and by. */
  get listRevision(): number {
    this.ports.sync.refresh();
    return this.ports.recorder.revision;
  }

  /** With a status: those that have it now. */
  list({ status, ...query }: ThreadQuery & { status?: ThreadStatus }): Page<ThreadSnapshot> {
    const ids = status === undefined ? {} : { ids: this.#idsOf(status) };
    const { data, nextCursor } = this.ports.threads.list({ ...query, ...ids });
    return { data: data.map((record) => this.#snapshot(record)), nextCursor };
  }

  /** Ids of the threads that the engine holds, in a stable order, after `cursor`. */
  listLoaded(limit: number, cursor: string | undefined): Page<string> {
    const ids = [...this.ports.manager.live].filter(({ isLoaded }) => isLoaded).map(({ threadId }) => threadId);
    const after = ids.sort().filter((threadId) => cursor === undefined || threadId > cursor);
    const data = after.slice(0, limit);
    return { data, nextCursor: after.length > limit ? (data.at(-1) ?? null) : null };
  }

  /** Throws `thread_not_found` without asking the engine: for what only makes sense on a thread that is known here. */
  requireKnown(threadId: string): ThreadSnapshot {
    const snapshot = this.find(threadId);
    if (!snapshot) {
      throw new ServiceError('thread_not_found', 'There is no such thread.');
    }
    return snapshot;
  }

  /** What is not live here is not loaded. */
  #idsOf(status: ThreadStatus): IdFilter {
    const isNotLoaded = status === 'not_loaded';
    const threads = [...this.ports.manager.live].filter((thread) => (thread.status === status) !== isNotLoaded);
    return { isExcluding: isNotLoaded, threadIds: threads.map(({ threadId }) => threadId) };
  }

  #snapshot(stored: ThreadRecord): ThreadSnapshot {
    const live = this.ports.manager.findLive(stored.threadId);
    return {
      record: live?.record ?? stored,
      ...(live ? toLiveParts(live) : NOT_LIVE),
      latestSeq: this.ports.recorder.committedSeq(stored.threadId),
    };
  }
}

type LiveParts = Omit<ThreadSnapshot, 'record' | 'latestSeq'>;

const NOT_LIVE: LiveParts = { status: 'not_loaded', activeTurnId: null, pendingApprovals: 0, queuedTurns: 0 };

function toLiveParts({ status, activeTurn, pendingApprovals, queuedTurns }: Thread): LiveParts {
  return {
    status,
    activeTurnId: activeTurn?.turnId ?? null,
    pendingApprovals: pendingApprovals.length,
    queuedTurns: queuedTurns.length,
  };
}
