import { type ApprovalRecord } from '../approvals/approval.js';
import { type ThreadRecord } from '../threads/thread-record.js';
import { type ItemRecord, type TurnRecord } from '../turns/turn-record.js';
import { type StoredEvent } from './event.js';

/** What is stored in one transaction. Rows replace those with the same key. */
export interface JournalEntry {
  events: StoredEvent[];
  threads: ThreadRecord[];
  turns: TurnRecord[];
  items: ItemRecord[];
  approvals: ApprovalRecord[];
  /** Threads whose rows and events go, after everything else in the entry was written. */
  deletedThreadIds: string[];
  /** Turns which a rollback took out of the history, with their items. A turn id is unique within its thread only. */
  deletedTurns: { threadId: string; turnId: string }[];
  /** Items that came to nothing; they go after the others are written. */
  deletedItems: DeletedItem[];
}

export interface DeletedItem {
  threadId: string;
  turnId: string;
  itemId: string;
}

/** Makes entries durable. */
export abstract class Journal {
  /**
   * Resolves when the entry is on the disk, all or nothing. One call at a time: the caller gathers while it waits.
   * Rejects with `storage_unavailable` when the disk is full, read-only or broken; the same entry may be tried again.
   */
  abstract write(entry: JournalEntry): Promise<void>;
}
