import { type SQLInputValue } from 'node:sqlite';
import { type ApprovalRecord } from '../../core/approvals/approval.js';
import { type StoredEvent } from '../../core/events/event.js';
import { type JournalEntry } from '../../core/events/journal.js';
import { type ThreadRecord } from '../../core/threads/thread-record.js';
import { type ItemRecord, type TurnRecord } from '../../core/turns/turn-record.js';
import { EVENT_ROW_BYTES, SERVER_STREAM_NO } from './schema.js';
import { toSearchText } from './search-text.js';
import { DELETE_THREAD } from './thread-deletion.js';
import type { WriteStep } from './writer.worker.js';

/** What the rows need beside the entry. */
export interface RowNumbers {
  /** The number of a thread's stream, a new one if it has none. */
  streamNo: (threadId: string) => number;
  /** Never the same twice while this process runs. */
  nextVersion: () => number;
}

/** The statements of one transaction, in order; kinds of which the entry has nothing are left out. */
export function toSteps(entry: JournalEntry, numbers: RowNumbers): WriteStep[] {
  const streamNos = new Map<string | null, number>([[null, SERVER_STREAM_NO]]);
  for (const { threadId } of entry.events) {
    if (threadId !== null && !streamNos.has(threadId)) {
      streamNos.set(threadId, numbers.streamNo(threadId));
    }
  }
  const streamNoOf = (threadId: string | null): number => streamNos.get(threadId) ?? SERVER_STREAM_NO;
  const steps: WriteStep[] = [];
  addStep(steps, UPSERT_STREAM, toStreamRows(entry.events, streamNoOf), (row) => row);
  addStep(steps, INSERT_EVENT, entry.events, (event) => toEventRow(event, streamNoOf(event.threadId)));
  addStep(steps, UPSERT_THREAD, entry.threads, (record) => toThreadRow(record, numbers.nextVersion()));
  addStep(steps, UPSERT_TURN, entry.turns, toTurnRow);
  addStep(steps, UPSERT_ITEM, entry.items, toItemRow);
  addStep(steps, UPSERT_APPROVAL, entry.approvals, toApprovalRow);
  addStep(steps, DELETE_ITEM, entry.deletedItems, ({ threadId, turnId, itemId }) => [threadId, turnId, itemId]);
  for (const sql of DELETE_TURN) {
    addStep(steps, sql, entry.deletedTurns, ({ threadId, turnId }) => [threadId, turnId]);
  }
  for (const sql of DELETE_THREAD) {
    addStep(steps, sql, entry.deletedThreadIds, (threadId) => [threadId]);
  }
  return steps;
}

/** The bytes of events that were counted already, by a first commit that wasn't heard of, are not counted again. */
const UPSERT_STREAM = `
  INSERT INTO streams (stream_no, thread_id, latest_seq, event_bytes) VALUES (?, ?, ?, ?)
  ON CONFLICT (stream_no) DO UPDATE SET latest_seq = max(latest_seq, excluded.latest_seq),
    event_bytes = event_bytes + iif(excluded.latest_seq > latest_seq, excluded.event_bytes, 0)`;

/**
 * An event that is stored already, word for word, is a transaction tried again whose first commit wasn't heard of; of a
 * thread which that commit deleted, it may stand elsewhere. Any other with the same number must not be lost silently:
 * `data` is NOT NULL, so that fails the transaction.
 */
const INSERT_EVENT = `
  INSERT INTO events (stream_no, seq, global_seq, turn_id, name, data, emitted_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (stream_no, seq) DO UPDATE SET data = NULL
    WHERE data IS NOT excluded.data OR global_seq IS NOT excluded.global_seq
  ON CONFLICT (global_seq) DO UPDATE SET data = NULL WHERE data IS NOT excluded.data`;

const UPSERT_THREAD = `
  INSERT INTO threads (thread_id, version, engine_thread_id, archived, ephemeral, created_at, updated_at, cwd,
    model_provider, search_text, metadata, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (thread_id) DO UPDATE SET version = excluded.version, engine_thread_id = excluded.engine_thread_id,
    archived = excluded.archived, ephemeral = excluded.ephemeral, created_at = excluded.created_at,
    updated_at = excluded.updated_at, cwd = excluded.cwd, model_provider = excluded.model_provider,
    search_text = excluded.search_text, metadata = excluded.metadata, record = excluded.record`;

const UPSERT_TURN = `
  INSERT INTO turns (thread_id, turn_id, engine_turn_id, position, status, record) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (thread_id, turn_id) DO UPDATE SET engine_turn_id = excluded.engine_turn_id,
    position = excluded.position, status = excluded.status, record = excluded.record`;

const UPSERT_ITEM = `
  INSERT INTO items (thread_id, turn_id, item_id, position, json) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (thread_id, turn_id, item_id) DO UPDATE SET position = excluded.position, json = excluded.json`;

const UPSERT_APPROVAL = `
  INSERT INTO approvals (approval_id, thread_id, status, is_pending, created_at, record) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (approval_id) DO UPDATE SET thread_id = excluded.thread_id, status = excluded.status,
    is_pending = excluded.is_pending, created_at = excluded.created_at, record = excluded.record`;

const DELETE_ITEM = 'DELETE FROM items WHERE thread_id = ? AND turn_id = ? AND item_id = ?';

const DELETE_TURN: readonly string[] = [
  'DELETE FROM items WHERE thread_id = ? AND turn_id = ?',
  'DELETE FROM turns WHERE thread_id = ? AND turn_id = ?',
];

type InputRow = SQLInputValue[];

/** Most entries hold one record or two, and most kinds none. */
function addStep<T>(steps: WriteStep[], sql: string, records: readonly T[], toRow: (record: T) => InputRow): void {
  const [first] = records;
  if (first !== undefined) {
    const row = toRow(first);
    const values = records.length === 1 ? row : [...row, ...records.slice(1).flatMap(toRow)];
    steps.push({ sql, width: row.length, values });
  }
}

/** The last number of each stream, once an entry; the server-wide one is the last event's, and has the size of all. */
function toStreamRows(events: readonly StoredEvent[], streamNoOf: (threadId: string | null) => number): InputRow[] {
  const latest = new Map<string | null, number>();
  let bytes = 0;
  for (const { threadId, seq, globalSeq, data } of events) {
    if (threadId !== null) {
      latest.set(threadId, seq);
    }
    latest.set(null, globalSeq);
    bytes += Buffer.byteLength(data) + EVENT_ROW_BYTES;
  }
  return [...latest].map(([threadId, seq]) => [
    streamNoOf(threadId),
    threadId ?? '',
    seq,
    threadId === null ? bytes : 0,
  ]);
}

function toEventRow(event: StoredEvent, streamNo: number): InputRow {
  return [streamNo, event.seq, event.globalSeq, event.turnId, event.name, event.data, event.emittedAtMs];
}

function toThreadRow(record: ThreadRecord, version: number): InputRow {
  return [
    record.threadId,
    version,
    record.engineThreadId,
    record.archived ? 1 : 0,
    record.ephemeral ? 1 : 0,
    record.createdAt,
    record.updatedAt,
    record.cwd,
    record.modelProvider,
    toSearchText(record),
    JSON.stringify(record.metadata),
    JSON.stringify(record),
  ];
}

function toTurnRow(record: TurnRecord): InputRow {
  const { threadId, turnId, engineTurnId, position, status } = record;
  return [threadId, turnId, engineTurnId, position, status, JSON.stringify(record)];
}

function toItemRow({ threadId, turnId, itemId, position, json }: ItemRecord): InputRow {
  return [threadId, turnId, itemId, position, json];
}

function toApprovalRow(record: ApprovalRecord): InputRow {
  const { approvalId, threadId, status, createdAt } = record;
  return [approvalId, threadId, status, status === 'pending' ? 1 : 0, createdAt, JSON.stringify(record)];
}
