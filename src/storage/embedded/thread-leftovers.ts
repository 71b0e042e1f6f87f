import { type SqliteJournal } from './sqlite-journal.js';
import { type SqliteReader } from './sqlite-reader.js';
import { DELETE_HISTORY, deleteEvents, HAS_HISTORY } from './thread-deletion.js';
import type { WriteStep } from './writer.worker.js';

const REMAINS = `
  SELECT EXISTS (SELECT 1 FROM events WHERE stream_no = ?2),
    NOT EXISTS (SELECT 1 FROM threads WHERE thread_id = ?1) AND (${HAS_HISTORY})`;

/** One transaction's worth of what deleted threads have left behind; false when there is nothing more. */
export async function deleteLeftovers(reader: SqliteReader, journal: SqliteJournal): Promise<boolean> {
  const row = reader.get('SELECT row_no, thread_id, stream_no FROM leftovers ORDER BY row_no LIMIT 1');
  if (!row) {
    return false;
  }
  const [rowNo, threadId, streamNo] = row as [number, string, number | null];
  const [hasEvents, hasHistory] = reader.get(REMAINS, threadId, streamNo) as [number, number];
  const steps: WriteStep[] = [];
  if (hasEvents === 1) {
    steps.push(...deleteEvents('?1').map((sql) => ({ sql, width: 1, values: [streamNo] })));
  }
  if (hasHistory === 1) {
    steps.push(...DELETE_HISTORY.map((sql) => ({ sql, width: 1, values: [threadId] })));
  }
  if (steps.length === 0) {
    steps.push({ sql: 'DELETE FROM leftovers WHERE row_no = ?', width: 1, values: [rowNo] });
  }
  await journal.writeSteps(() => steps);
  return true;
}
