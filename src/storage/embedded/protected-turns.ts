import { type SqliteReader } from './sqlite-reader.js';

const OPEN_TURNS = `SELECT thread_id, turn_id FROM turns INDEXED BY turns_open WHERE status IN ('queued', 'in_progress')`;
const PENDING = `SELECT thread_id, json_extract(record, '$.turnId') FROM approvals WHERE is_pending = 1`;

/** Turns whose events are kept: they are not over, or an approval of theirs waits for its answer. */
export class ProtectedTurns {
  private constructor(private readonly turnIds: ReadonlyMap<string, ReadonlySet<string | null>>) {}

  /** As of the last commit. */
  static read(reader: SqliteReader): ProtectedTurns {
    const turnIds = new Map<string, Set<string | null>>();
    for (const [threadId, turnId] of [...reader.all(OPEN_TURNS), ...reader.all(PENDING)] as [string, string | null][]) {
      const ofThread = turnIds.get(threadId) ?? new Set();
      turnIds.set(threadId, ofThread.add(turnId));
    }
    return new ProtectedTurns(turnIds);
  }

  /** An approval of no turn keeps all events of its thread, since nothing else tells where its own begin. */
  covers({ threadId, turnId }: { threadId: string; turnId: string | null }): boolean {
    const ofThread = this.turnIds.get(threadId);
    return ofThread !== undefined && (ofThread.has(turnId) || ofThread.has(null));
  }
}
