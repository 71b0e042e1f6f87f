import { type RecordCollection, type Records } from '../../../core/records/records.js';
import { KeyedLock } from '../../../core/keyed-lock.js';
import { type Item } from '../store/response-record.js';

export interface ConversationRecord {
  conversationId: string;
  callerId: string;
  createdAt: string;
  /** RFC 3339, of its last response or change. */
  usedAt?: string;
  metadata: Readonly<Record<string, string>>;
  /** What it began with, and what was added by hand since its last response. */
  items: readonly Item[];
  lastResponseId: string | null;
}

export class ConversationStore {
  readonly #records: RecordCollection<ConversationRecord>;
  readonly #lock = new KeyedLock();

  constructor(records: Records) {
    this.#records = records.collection(
      'conversations',
      ({ conversationId: id, callerId: group, createdAt, usedAt }) => ({
        id,
        group,
        createdAt: usedAt ?? createdAt,
      }),
    );
  }

  put(record: ConversationRecord): Promise<void> {
    return this.#records.put(record);
  }

  /** Changes it as it is now, one change after the other; one that was deleted meanwhile stays deleted. */
  change(
    conversationId: string,
    toNext: (record: ConversationRecord) => ConversationRecord,
  ): Promise<ConversationRecord | undefined> {
    return this.#lock.run(conversationId, async () => {
      const record = this.#records.find(conversationId);
      const next = record && toNext(record);
      await (next && this.#records.put(next));
      return next;
    });
  }

  find(conversationId: string, callerId: string): ConversationRecord | undefined {
    const record = this.#records.find(conversationId);
    return record?.callerId === callerId ? record : undefined;
  }

  /** Up to `limit` of them, the longest unused first. */
  unusedSince(time: string, limit: number): ConversationRecord[] {
    return this.#records.createdBefore(time, limit);
  }

  delete(...conversationIds: readonly string[]): Promise<void> {
    return this.#records.delete(conversationIds);
  }
}
