import { FeedbackOutbox } from '../../core/feedback/feedback-outbox.js';
import { type DeliveryStatus, type FeedbackRecord } from '../../core/feedback/feedback.js';
import { type Page } from '../../core/threads/thread-index.js';
import { SqliteDocuments } from './sqlite-documents.js';
import { type SqliteJournal } from './sqlite-journal.js';
import { type SqliteReader } from './sqlite-reader.js';

export class SqliteFeedbackOutbox extends FeedbackOutbox {
  readonly #documents: SqliteDocuments<FeedbackRecord>;

  constructor(reader: SqliteReader, journal: SqliteJournal) {
    super();
    this.#documents = new SqliteDocuments('feedback', {
      reader,
      journal,
      keysOf: ({ feedbackId, status, createdAt }) => ({ id: feedbackId, group: status, createdAt }),
    });
  }

  override put(record: FeedbackRecord): Promise<void> {
    return this.#documents.put(record);
  }

  override find(feedbackId: string): FeedbackRecord | undefined {
    return this.#documents.find(feedbackId);
  }

  override list(query: { limit: number; cursor?: string }): Page<FeedbackRecord> {
    return this.#documents.list(query);
  }

  override withStatus(status: DeliveryStatus): FeedbackRecord[] {
    return this.#documents.ofGroup(status);
  }
}
