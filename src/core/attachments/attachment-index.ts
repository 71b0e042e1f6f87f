import { type AttachmentRecord } from './attachment.js';

/** Finds uploaded files. Their bytes are `AttachmentFiles`'s. */
export abstract class AttachmentIndex {
  /** Durable when it resolves; replaces the record with the same id. */
  abstract put(record: AttachmentRecord): Promise<void>;
  abstract find(attachmentId: string): AttachmentRecord | undefined;
  abstract delete(attachmentIds: readonly string[]): Promise<void>;
  abstract ofThread(threadId: string): AttachmentRecord[];

  /** All that were made before this RFC 3339 time, oldest first. */
  abstract createdBefore(time: string, limit: number): AttachmentRecord[];
}
