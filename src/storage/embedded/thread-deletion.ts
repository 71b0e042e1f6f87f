import { EVENT_ROW_BYTES, SERVER_STREAM_NO } from './schema.js';

/** Rows of a kind that go in one transaction: a few milliseconds, which is what a commit may have to wait for it. */
export const ROWS_AT_ONCE = 200;

const SERVER = SERVER_STREAM_NO.toString();
const LIMIT = ROWS_AT_ONCE.toString();

/** The first events of the stream that the placeholder, or a query of it, names. */
export function deleteEvents(streamNo: string): string[] {
  const first = `FROM events WHERE stream_no = ${streamNo} ORDER BY seq LIMIT ${LIMIT}`;
  return [
    `UPDATE streams SET event_bytes = max(0, event_bytes - (
       SELECT coalesce(sum(octet_length(data) + ${EVENT_ROW_BYTES.toString()}), 0) FROM (SELECT data ${first}))
     ) WHERE stream_no = ${SERVER}`,
    `DELETE FROM events WHERE stream_no = ${streamNo} AND seq <= (SELECT max(seq) FROM (SELECT seq ${first}))`,
  ];
}

export const DELETE_HISTORY: readonly string[] = ['items', 'turns'].map(
  (table) => `
    DELETE FROM ${table} WHERE row_no IN (SELECT row_no FROM ${table} WHERE thread_id = ?1 LIMIT ${LIMIT})
      AND NOT EXISTS (SELECT 1 FROM threads WHERE thread_id = ?1)`,
);

/** Whether anything is left of the turns of the thread with this id. */
export const HAS_HISTORY =
  'EXISTS (SELECT 1 FROM items WHERE thread_id = ?1) OR EXISTS (SELECT 1 FROM turns WHERE thread_id = ?1)';

/**
 * What makes a thread unknown, each with the thread's id. A small one is gone with that; of a large one the rest is left
 * to `deleteLeftovers`. A last `thread/deleted` moves to the events of no thread, so that whoever follows all threads
 * is told of it also when it was away.
 */
export const DELETE_THREAD: readonly string[] = [
  `UPDATE events SET stream_no = ${SERVER}, seq = global_seq WHERE name = 'thread/deleted'
     AND (stream_no, seq) = (SELECT stream_no, latest_seq FROM streams WHERE thread_id = ?)`,
  'DELETE FROM threads WHERE thread_id = ?',
  'DELETE FROM approvals WHERE thread_id = ?',
  `DELETE FROM turns WHERE thread_id = ? AND status IN ('queued', 'in_progress')`,
  ...deleteEvents('(SELECT stream_no FROM streams WHERE thread_id = ?1)'),
  ...DELETE_HISTORY,
  `INSERT INTO leftovers (thread_id, stream_no) SELECT ?1, gone.stream_no
     FROM (SELECT (SELECT stream_no FROM streams WHERE thread_id = ?1) AS stream_no) AS gone
     WHERE EXISTS (SELECT 1 FROM events WHERE events.stream_no = gone.stream_no) OR ${HAS_HISTORY}`,
  'DELETE FROM streams WHERE thread_id = ?',
];
