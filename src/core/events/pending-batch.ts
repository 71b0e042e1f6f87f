import { type ApprovalRecord } from '../approvals/approval.js';
import { type ServiceError } from '../errors.js';
import { type ThreadRecord } from '../threads/thread-record.js';
import { type ItemRecord, type TurnRecord } from '../turns/turn-record.js';
import { type StoredEvent } from './event.js';
import { type DeletedItem, type JournalEntry } from './journal.js';

/** What comes together while a write is under way. */
export class PendingBatch {
  readonly events: StoredEvent[] = [];
  readonly threads = new Map<string, ThreadRecord>();
  readonly turns = new Map<string, TurnRecord>();
  readonly items = new Map<string, ItemRecord>();
  readonly approvals = new Map<string, ApprovalRecord>();
  readonly deletedThreadIds: string[] = [];
  readonly deletedTurns: { threadId: string; turnId: string }[] = [];
  readonly deletedItems: DeletedItem[] = [];
  #waiting: ReturnType<typeof Promise.withResolvers<undefined>> | undefined;

  get isEmpty(): boolean {
    return (
      this.events.length === 0 &&
      this.threads.size + this.turns.size + this.items.size + this.approvals.size === 0 &&
      this.deletedThreadIds.length + this.deletedTurns.length + this.deletedItems.length === 0
    );
  }

  get isAwaited(): boolean {
    return this.#waiting !== undefined;
  }

  async durable(): Promise<void> {
    this.#waiting ??= Promise.withResolvers<undefined>();
    await this.#waiting.promise;
  }

  settle(): void {
    this.#waiting?.resolve(undefined);
    this.#waiting = undefined;
  }

  fail(error: ServiceError): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  toEntry(): JournalEntry {
    return {
      events: this.events,
      threads: [...this.threads.values()],
      turns: [...this.turns.values()],
      items: [...this.items.values()],
      approvals: [...this.approvals.values()],
      deletedThreadIds: this.deletedThreadIds,
      deletedTurns: this.deletedTurns,
      deletedItems: this.deletedItems,
    };
  }
}
