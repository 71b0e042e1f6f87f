import { type SQLInputValue } from 'node:sqlite';
import { type Page } from '../../core/threads/thread-index.js';
import { type HistoryQuery, TurnIndex, type TurnQuery } from '../../core/turns/turn-index.js';
import { type ItemRecord, type TurnRecord, type TurnStatus } from '../../core/turns/turn-record.js';
import { parseCursor, toCursor, toPage } from './page-cursor.js';
import { type Row, type SqliteReader } from './sqlite-reader.js';

const TURN_COLUMNS = 'record, position, row_no';
const ITEM_COLUMNS = 'json, position, row_no, thread_id, turn_id, item_id';
/** Word for word the condition of the partial index, which SQLite uses for no other. */
const OPEN_TURNS = `turns INDEXED BY turns_open WHERE status IN ('queued', 'in_progress')`;

export class SqliteTurnIndex extends TurnIndex {
  constructor(private readonly reader: SqliteReader) {
    super();
  }

  findTurn(threadId: string, turnId: string): TurnRecord | undefined {
    const row = this.reader.get('SELECT record FROM turns WHERE thread_id = ? AND turn_id = ?', threadId, turnId);
    return row && toTurn(row);
  }

  /** The latest one, if the engine gave an id twice. */
  findByEngineId(threadId: string, engineTurnId: string): string | undefined {
    const sql = 'SELECT turn_id FROM turns WHERE thread_id = ? AND engine_turn_id = ? ORDER BY position DESC LIMIT 1';
    const row = this.reader.get(sql, threadId, engineTurnId);
    return row && (row[0] as string);
  }

  listTurns(threadId: string, query: TurnQuery): Page<TurnRecord> {
    const { status } = query;
    const list = { name: `turns/${threadId}/${status ?? ''}`, columns: TURN_COLUMNS, from: toTurnSource(status) };
    return this.#list(list, status === undefined ? [threadId] : [threadId, status], query, toTurn);
  }

  listItems(threadId: string, query: HistoryQuery & { turnId?: string }): Page<ItemRecord> {
    const { turnId } = query;
    const name = `items/${threadId}/${turnId ?? ''}`;
    if (turnId === undefined) {
      return this.#list({ name, columns: ITEM_COLUMNS, from: 'items WHERE thread_id = ?' }, [threadId], query, toItem);
    }
    const from = 'items WHERE thread_id = ? AND turn_id = ?';
    return this.#list({ name, columns: ITEM_COLUMNS, from }, [threadId, turnId], query, toItem);
  }

  /** Through the index of the turns: the one of the positions would spare the sort, but read the whole thread. */
  itemsOf(threadId: string, turnIds: readonly string[]): ItemRecord[] {
    const sql =
      `SELECT ${ITEM_COLUMNS} FROM items INDEXED BY items_by_turn ` +
      `WHERE thread_id = ? AND turn_id IN (SELECT value FROM json_each(?)) ORDER BY position, row_no`;
    return this.reader.all(sql, threadId, JSON.stringify(turnIds)).map(toItem);
  }

  openTurns(): TurnRecord[] {
    return this.reader.all(`SELECT record FROM ${OPEN_TURNS} ORDER BY position, thread_id, row_no`).map(toTurn);
  }

  queuedTurns(threadId: string): TurnRecord[] {
    const sql = `SELECT record FROM ${OPEN_TURNS} AND thread_id = ? AND status = 'queued' ORDER BY position, row_no`;
    return this.reader.all(sql, threadId).map(toTurn);
  }

  turnsNeverBegun(threadId: string): TurnRecord[] {
    const sql = 'SELECT record FROM turns WHERE thread_id = ? AND engine_turn_id IS NULL ORDER BY position, row_no';
    return this.reader.all(sql, threadId).map(toTurn);
  }

  nextPositions(threadId: string): { turn: number; item: number } {
    const row = this.reader.get(
      `SELECT (SELECT max(position) FROM turns WHERE thread_id = ?1), (SELECT max(position) FROM items WHERE thread_id = ?1)`,
      threadId,
    );
    const [turn, item] = (row ?? []) as (number | null | undefined)[];
    return { turn: (turn ?? -1) + 1, item: (item ?? -1) + 1 };
  }

  #list<T>(list: HistoryList, owners: string[], query: HistoryQuery, toRecord: (row: Row) => T): Page<T> {
    const { sortDirection, limit, cursor } = query;
    const key: SQLInputValue[] = cursor === undefined ? [] : parseCursor(cursor, list.name, [0, 0]);
    const after = key.length === 0 ? '' : `AND (position, row_no) ${sortDirection === 'asc' ? '>' : '<'} (?, ?)`;
    const sql =
      `SELECT ${list.columns} FROM ${list.from} ${after} ` +
      `ORDER BY position ${sortDirection}, row_no ${sortDirection} LIMIT ?`;
    const rows = this.reader.all(sql, ...owners, ...key, limit + 1);
    return toPage(rows, limit, toRecord, ([, position, rowNo]) =>
      toCursor(list.name, [position as number, rowNo as number]),
    );
  }
}

/** Open turns are few and have an index of their own; for the rest the thread's are gone through. */
function toTurnSource(status: TurnStatus | undefined): string {
  if (status === undefined) {
    return 'turns WHERE thread_id = ?';
  }
  const isOpen = status === 'queued' || status === 'in_progress';
  return `${isOpen ? `${OPEN_TURNS} AND` : 'turns WHERE'} thread_id = ? AND status = ?`;
}

interface HistoryList {
  name: string;
  /** The second and the third are the sort key. */
  columns: string;
  from: string;
}

function toTurn([record]: Row): TurnRecord {
  return JSON.parse(record as string) as TurnRecord;
}

function toItem(row: Row): ItemRecord {
  const [json, position, , threadId, turnId, itemId] = row as [string, number, number, string, string, string];
  return { threadId, turnId, itemId, position, json };
}
