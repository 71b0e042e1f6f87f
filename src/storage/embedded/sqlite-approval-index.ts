import { type SQLInputValue } from 'node:sqlite';
import { type ApprovalRecord } from '../../core/approvals/approval.js';
import { ApprovalIndex, type ApprovalQuery } from '../../core/approvals/approval-index.js';
import { type Page } from '../../core/threads/thread-index.js';
import { parseCursor, toCursor, toPage } from './page-cursor.js';
import { type Row, type SqliteReader } from './sqlite-reader.js';

export class SqliteApprovalIndex extends ApprovalIndex {
  constructor(private readonly reader: SqliteReader) {
    super();
  }

  find(approvalId: string): ApprovalRecord | undefined {
    const row = this.reader.get('SELECT record FROM approvals WHERE approval_id = ?', approvalId);
    return row && toApproval(row);
  }

  list(query: ApprovalQuery): Page<ApprovalRecord> {
    const list = `approvals/${query.threadId ?? ''}/${query.status ?? ''}`;
    const conditions = [...toConditions(query)];
    if (query.cursor !== undefined) {
      conditions.push(['(is_pending, created_at, row_no) < (?, ?, ?)', ...parseCursor(query.cursor, list, [0, '', 0])]);
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(([condition]) => condition).join(' AND ')}`;
    const sql =
      `SELECT record, is_pending, created_at, row_no FROM approvals ${where} ` +
      `ORDER BY is_pending DESC, created_at DESC, row_no DESC LIMIT ?`;
    const rows = this.reader.all(sql, ...conditions.flatMap(([, ...values]) => values), query.limit + 1);
    return toPage(rows, query.limit, toApproval, ([, ...key]) => toCursor(list, key as (string | number)[]));
  }

  pending(threadId?: string): ApprovalRecord[] {
    const order = 'ORDER BY created_at, row_no';
    const rows =
      threadId === undefined
        ? this.reader.all(`SELECT record FROM approvals WHERE is_pending = 1 ${order}`)
        : this.reader.all(`SELECT record FROM approvals WHERE thread_id = ? AND is_pending = 1 ${order}`, threadId);
    return rows.map(toApproval);
  }
}

/** A status implies `is_pending`; saying so lets the index give the order. */
function* toConditions({ threadId, status }: ApprovalQuery): Generator<[string, ...SQLInputValue[]]> {
  if (threadId !== undefined) {
    yield ['thread_id = ?', threadId];
  }
  if (status !== undefined) {
    yield ['status = ? AND is_pending = ?', status, status === 'pending' ? 1 : 0];
  }
}

function toApproval([record]: Row): ApprovalRecord {
  return JSON.parse(record as string) as ApprovalRecord;
}
