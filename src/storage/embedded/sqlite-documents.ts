import { type Page } from '../../core/threads/thread-index.js';
import { parseCursor, toCursor, toPage } from './page-cursor.js';
import { type SqliteJournal } from './sqlite-journal.js';
import { type Row, type SqliteReader } from './sqlite-reader.js';
import { ROWS_AT_ONCE } from './thread-deletion.js';

/** How a record is kept: by its id, with one value to find many by, and the time it was made. */
export interface DocumentKeys {
  id: string;
  /** `null` for a record that is only found by its id or its age. */
  group: string | null;
  createdAt: string;
}

const UPSERT = `
  INSERT INTO documents (collection, id, group_key, created_at, record) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (collection, id) DO UPDATE SET group_key = excluded.group_key,
    created_at = excluded.created_at, record = excluded.record`;

/** Records of one kind that nothing else is stored together with. */
export class SqliteDocuments<T> {
  readonly #toRecord = ([record]: Row): T => JSON.parse(record as string) as T;

  constructor(
    private readonly collection: string,
    private readonly parts: { reader: SqliteReader; journal: SqliteJournal; keysOf: (record: T) => DocumentKeys },
  ) {}

  put(record: T): Promise<void> {
    const { id, group, createdAt } = this.parts.keysOf(record);
    return this.#write(UPSERT, [[this.collection, id, group, createdAt, JSON.stringify(record)]]);
  }

  delete(ids: readonly string[]): Promise<void> {
    const sql = 'DELETE FROM documents WHERE collection = ? AND id = ?';
    return this.#write(
      sql,
      ids.map((id) => [this.collection, id]),
    );
  }

  /** In many small transactions, since there may be a day's worth. */
  async deleteBefore(time: string): Promise<void> {
    const sql = 'SELECT id FROM documents WHERE collection = ? AND created_at < ? ORDER BY created_at, id LIMIT ?';
    let rows: Row[];
    do {
      rows = this.parts.reader.all(sql, this.collection, time, ROWS_AT_ONCE);
      await this.delete(rows.map(([id]) => id as string));
    } while (rows.length === ROWS_AT_ONCE);
  }

  find(id: string): T | undefined {
    const sql = 'SELECT record FROM documents WHERE collection = ? AND id = ?';
    const row = this.parts.reader.get(sql, this.collection, id);
    return row && this.#toRecord(row);
  }

  /** Oldest first. */
  ofGroup(group: string): T[] {
    const sql = 'SELECT record FROM documents WHERE collection = ? AND group_key = ? ORDER BY created_at, id';
    return this.parts.reader.all(sql, this.collection, group).map(this.#toRecord);
  }

  /** Oldest first. */
  createdBefore(time: string, limit: number): T[] {
    const sql = 'SELECT record FROM documents WHERE collection = ? AND created_at < ? ORDER BY created_at, id LIMIT ?';
    return this.parts.reader.all(sql, this.collection, time, limit).map(this.#toRecord);
  }

  /** Newest first. */
  list({ limit, cursor }: { limit: number; cursor?: string }): Page<T> {
    const list = `documents/${this.collection}`;
    const after = cursor === undefined ? [] : parseCursor(cursor, list, ['', '']);
    const sql =
      `SELECT record, created_at, id FROM documents WHERE collection = ? ` +
      `${after.length === 0 ? '' : 'AND (created_at, id) < (?, ?) '}ORDER BY created_at DESC, id DESC LIMIT ?`;
    const rows = this.parts.reader.all(sql, this.collection, ...after, limit + 1);
    return toPage(rows, limit, this.#toRecord, ([, ...key]) => toCursor(list, key as string[]));
  }

  #write(sql: string, rows: (string | null)[][]): Promise<void> {
    if (rows.length === 0) {
      return Promise.resolve();
    }
    return this.parts.journal.writeSteps(() => [{ sql, width: rows[0]?.length ?? 1, values: rows.flat() }]);
  }
}
