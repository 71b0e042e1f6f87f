import { type RecordCollection, type Records } from '../../../core/records/records.js';
import { type Item } from '../store/response-record.js';

export interface ConversationRecord {
  conversationId: string;
  callerId: string;
  createdAt: string;
  metadata: Readonly<Record<string, string>>;
  /** What it began with, and what was added by hand since its last response. */
  items: readonly Item[];
  lastResponseId: string | null;
}

export class ConversationStore {
  readonly #records: RecordCollection<ConversationRecord>;

  constructor(records: Records) {
    this.#records = records.collection('conversations', ({ conversationId: id, callerId: group, createdAt }) => ({
      id,
      group,
      createdAt,
    }));
  }

  put(record: ConversationRecord): Promise<void> {
    return this.#records.put(record);
  }

  find(conversationId: string, callerId: string): ConversationRecord | undefined {
    const record = this.#records.find(conversationId);
    return record?.callerId === callerId ? record : undefined;
  }

  delete(conversationId: string): Promise<void> {
    return this.#records.delete([conversationId]);
  }
}
