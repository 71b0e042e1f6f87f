import { type IdempotencyRecord, IdempotencyStore } from '../../core/idempotency/idempotency-store.js';
import { SqliteDocuments } from './sqlite-documents.js';
import { type SqliteJournal } from './sqlite-journal.js';
import { type SqliteReader } from './sqlite-reader.js';

export class SqliteIdempotencyStore extends IdempotencyStore {
  readonly #documents: SqliteDocuments<IdempotencyRecord>;

  constructor(reader: SqliteReader, journal: SqliteJournal) {
    super();
    this.#documents = new SqliteDocuments('idempotency', {
      reader,
      journal,
      keysOf: ({ callerId, key, createdAt }) => ({ id: toId(callerId, key), group: null, createdAt }),
    });
  }

  override find(callerId: string, key: string): IdempotencyRecord | undefined {
    return this.#documents.find(toId(callerId, key));
  }

  override put(record: IdempotencyRecord): Promise<void> {
    return this.#documents.put(record);
  }

  override delete(callerId: string, key: string): Promise<void> {
    return this.#documents.delete([toId(callerId, key)]);
  }

  override deleteBefore(time: string): Promise<void> {
    return this.#documents.deleteBefore(time);
  }
}

function toId(callerId: string, key: string): string {
  return JSON.stringify([callerId, key]);
}
