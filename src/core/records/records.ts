import { type Page } from '../threads/thread-index.js';

/** How a record is kept: by its id, with one value to find many by, and the time it was made. */
export interface RecordKeys {
  id: string;
  /** `null` for a record that is only found by its id or its age. */
  group: string | null;
  /** RFC 3339, UTC, milliseconds. */
  createdAt: string;
}

/** Records of one kind. What is changed is durable when the call resolves. */
export interface RecordCollection<T> {
  /** Replaces the record of the same id. */
  put: (record: T) => Promise<void>;
  delete: (ids: readonly string[]) => Promise<void>;
  find: (id: string) => T | undefined;
  /** Oldest first. */
  ofGroup: (group: string) => T[];
  /** Oldest first. */
  createdBefore: (time: string, limit: number) => T[];
  /** Newest first. Throws `invalid_request` for a cursor that it did not give. */
  list: (query: { limit: number; cursor?: string }) => Page<T>;
}

/** Keeps what an edge has to remember beside threads and turns. */
export abstract class Records {
  /** The collection of this name; a name has one form of record for ever. */
  abstract collection<T>(name: string, keysOf: (record: T) => RecordKeys): RecordCollection<T>;
}
