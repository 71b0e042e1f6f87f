import { ServiceError } from '../errors.js';
import { type EngineThread } from '../engine/engine.js';
import { toRecordChange } from './thread-events.js';
import { type ThreadRecord } from './thread-record.js';

/** The record of a thread that the engine has just made, or that was not known here. */
export function toNewRecord(thread: EngineThread): ThreadRecord {
  return {
    threadId: thread.engineThreadId,
    engineThreadId: thread.engineThreadId,
    name: thread.name,
    preview: thread.preview,
    model: null,
    modelProvider: null,
    cwd: null,
    approvalPolicy: null,
    sandbox: null,
    reasoningEffort: null,
    createdAt: thread.createdAt,
    updatedAt: thread.updatedAt,
    archived: false,
    ephemeral: thread.ephemeral,
    forkedFromId: thread.forkedFromEngineId,
    metadata: {},
    tokenUsage: null,
    gitInfo: null,
    options: {},
    isMaterialized: false,
    isForeign: false,
    ...toRecordChange(thread),
  };
}

/** What is known of a thread of which the engine has only told the id. */
export function toUnknownThread(engineThreadId: string, now: string): EngineThread {
  return {
    engineThreadId,
    name: null,
    preview: '',
    model: null,
    modelProvider: null,
    cwd: null,
    reasoningEffort: null,
    createdAt: now,
    updatedAt: now,
    ephemeral: false,
    forkedFromEngineId: null,
    gitInfo: null,
    isLoaded: true,
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Throws `thread_not_found` for what can be no id of a thread of the engine's. */
export function requireEngineId(threadId: string): string {
  if (!UUID.test(threadId)) {
    throw new ServiceError('thread_not_found', 'There is no such thread.');
  }
  return threadId;
}
