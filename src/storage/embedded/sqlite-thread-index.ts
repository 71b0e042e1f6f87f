import { type SQLInputValue } from 'node:sqlite';
import { type Page, ThreadIndex, type ThreadQuery } from '../../core/threads/thread-index.js';
import { type ThreadRecord } from '../../core/threads/thread-record.js';
import { parseCursor, toCursor, toPage } from './page-cursor.js';
import { RecordCache } from './record-cache.js';
import { foldForSearch } from './search-text.js';
import { type SqliteReader } from './sqlite-reader.js';

const MAX_CACHED_RECORDS = 20_000;

/** Every name asked for has its value among the row's own; a list of names in the text would need a statement each. */
const HAS_METADATA = `NOT EXISTS (
  SELECT 1 FROM json_each(?) AS wanted WHERE NOT EXISTS (
    SELECT 1 FROM json_each(threads.metadata) AS own WHERE own.key = wanted.key AND own.value = wanted.value))`;

/** A row names its version; its record is decoded only if the cache has another one or none. */
export class SqliteThreadIndex extends ThreadIndex {
  readonly #cache = new RecordCache<ThreadRecord>(MAX_CACHED_RECORDS);

  constructor(private readonly reader: SqliteReader) {
    super();
  }

  find(threadId: string): ThreadRecord | undefined {
    const row = this.reader.get('SELECT version FROM threads WHERE thread_id = ?', threadId);
    return row && this.#record(threadId, row[0] as number);
  }

  findByEngineId(engineThreadId: string): ThreadRecord | undefined {
    const sql = 'SELECT thread_id, version FROM threads WHERE engine_thread_id = ? ORDER BY version DESC LIMIT 1';
    const row = this.reader.get(sql, engineThreadId) as [string, number] | undefined;
    return row && this.#record(row[0], row[1]);
  }

  findByOperation(operationId: string, createdSince: string): ThreadRecord | undefined {
    const sql = `SELECT thread_id, version FROM threads WHERE created_at >= ? AND record ->> '$.madeBy' = ?`;
    const row = this.reader.get(sql, createdSince, operationId) as [string, number] | undefined;
    return row && this.#record(row[0], row[1]);
  }

  list(query: ThreadQuery): Page<ThreadRecord> {
    const { sql, parameters } = toListStatement(query);
    const rows = this.reader.all(sql, ...parameters) as [string, number, string][];
    const page = toPage(
      rows,
      query.limit,
      ([threadId, version]) => this.#record(threadId, version),
      ([threadId, , sortValue]) => toCursor(query.sortKey, [sortValue, threadId]),
    );
    return { ...page, data: page.data.filter((record) => record !== undefined) };
  }

  /** The row may have been written or deleted since its version was read; what is cached is of the version read here. */
  #record(threadId: string, version: number): ThreadRecord | undefined {
    const cached = this.#cache.get(threadId, version);
    if (cached) {
      return cached;
    }
    const row = this.reader.get('SELECT version, record FROM threads WHERE thread_id = ?', threadId);
    if (!row) {
      return undefined;
    }
    const [current, text] = row as [number, string];
    const record = this.#cache.get(threadId, current) ?? (JSON.parse(text) as ThreadRecord);
    this.#cache.set(threadId, current, record);
    return record;
  }
}

interface ListStatement {
  sql: string;
  parameters: SQLInputValue[];
}

function toListStatement(query: ThreadQuery): ListStatement {
  const { sortKey, sortDirection } = query;
  const conditions = [...toFilters(query)];
  if (query.cursor !== undefined) {
    const key = parseCursor(query.cursor, sortKey, ['', '']);
    conditions.push([`(${sortKey}, thread_id) ${sortDirection === 'asc' ? '>' : '<'} (?, ?)`, ...key]);
  }
  const where = conditions.map(([condition]) => condition).join(' AND ');
  return {
    sql:
      `SELECT thread_id, version, ${sortKey} FROM threads WHERE ephemeral = 0 AND ${where} ` +
      `ORDER BY ${sortKey} ${sortDirection}, thread_id ${sortDirection} LIMIT ?`,
    parameters: [...conditions.flatMap(([, ...values]) => values), query.limit + 1],
  };
}

function* toFilters(query: ThreadQuery): Generator<[string, ...SQLInputValue[]]> {
  yield ['archived = ?', query.archived ? 1 : 0];
  if (query.ids) {
    const { isExcluding, threadIds } = query.ids;
    yield [`thread_id ${isExcluding ? 'NOT IN' : 'IN'} (SELECT value FROM json_each(?))`, JSON.stringify(threadIds)];
  }
  if (query.cwd !== undefined) {
    yield ['cwd = ?', query.cwd];
  }
  if (query.modelProvider !== undefined) {
    yield ['model_provider = ?', query.modelProvider];
  }
  if (query.search !== undefined && query.search !== '') {
    yield ['instr(search_text, ?) > 0', foldForSearch(query.search)];
  }
  if (query.metadata && Object.keys(query.metadata).length > 0) {
    yield [HAS_METADATA, JSON.stringify(query.metadata)];
  }
}
