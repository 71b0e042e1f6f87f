import { AttachmentIndex } from '../../core/attachments/attachment-index.js';
import { type AttachmentRecord } from '../../core/attachments/attachment.js';
import { SqliteDocuments } from './sqlite-documents.js';
import { type SqliteJournal } from './sqlite-journal.js';
import { type SqliteReader } from './sqlite-reader.js';

export class SqliteAttachmentIndex extends AttachmentIndex {
  readonly #documents: SqliteDocuments<AttachmentRecord>;

  constructor(reader: SqliteReader, journal: SqliteJournal) {
    super();
    this.#documents = new SqliteDocuments('attachments', {
      reader,
      journal,
      keysOf: ({ attachmentId, threadId, createdAt }) => ({ id: attachmentId, group: threadId, createdAt }),
    });
  }

  override put(record: AttachmentRecord): Promise<void> {
    return this.#documents.put(record);
  }

  override find(attachmentId: string): AttachmentRecord | undefined {
    return this.#documents.find(attachmentId);
  }

  override delete(attachmentIds: readonly string[]): Promise<void> {
    return this.#documents.delete(attachmentIds);
  }

  override ofThread(threadId: string): AttachmentRecord[] {
    return this.#documents.ofGroup(threadId);
  }

  override createdBefore(time: string, limit: number): AttachmentRecord[] {
    return this.#documents.createdBefore(time, limit);
  }
}
