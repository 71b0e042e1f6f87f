import { type ThreadRecord } from './thread-record.js';

export interface Page<T> {
  data: T[];
  /** Opaque; `null` on the last page. */
  nextCursor: string | null;
}

/** Only these threads, or all but these. */
export interface IdFilter {
  isExcluding: boolean;
  threadIds: readonly string[];
}

export interface ThreadQuery {
  archived: boolean;
  ids?: IdFilter;
  /** Part of the name or the preview, without regard to case. */
  search?: string;
  cwd?: string;
  modelProvider?: string;
  /** All of these must be equal. */
  metadata?: Readonly<Record<string, string>>;
  sortKey: 'created_at' | 'updated_at';
  sortDirection: 'asc' | 'desc';
  limit: number;
  cursor?: string;
}

/** Finds stored threads without asking the engine. A record read twice without a change in between is the same object. */
export abstract class ThreadIndex {
  abstract find(threadId: string): ThreadRecord | undefined;

  /** The thread that the engine knows under this id. */
  abstract findByEngineId(engineThreadId: string): ThreadRecord | undefined;

  /** The thread that the operation made. Looks through all that were created since; for a retry after a crash only. */
  abstract findByOperation(operationId: string, createdSince: string): ThreadRecord | undefined;

  /** Never lists ephemeral threads. Throws `invalid_request` for a cursor that it did not give. */
  abstract list(query: ThreadQuery): Page<ThreadRecord>;
}
