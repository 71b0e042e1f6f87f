import { randomUUID } from 'node:crypto';
import { type Readable } from 'node:stream';
import { ServiceError } from '../errors.js';
import { type Log } from '../log.js';
import { type AttachmentFiles, type ByteRange, type StagedFile } from './attachment-files.js';
import { type AttachmentIndex } from './attachment-index.js';
import { isAttachmentPart, toEngineParts } from './attachment-input.js';
import { type AttachmentRecord } from './attachment.js';
import { toSafeFilename } from './safe-filename.js';

export interface AttachmentsPorts {
  attachments: AttachmentIndex;
  attachmentFiles: AttachmentFiles;
  log: Log;
}

export interface AttachmentsOptions {
  maxAttachmentBytes: number;
  nowMs: () => number;
}

/** Files that callers upload for the agent. Only the caller who uploaded one can see it. */
export class Attachments {
  constructor(
    private readonly ports: AttachmentsPorts,
    private readonly options: AttachmentsOptions,
  ) {}

  /** The largest file that is taken. */
  get maxBytes(): number {
    return this.options.maxAttachmentBytes;
  }

  /**
   * Takes in a file's bytes; it is an attachment once it is kept. With the id of one that was kept already, that one stays
   * as it is. Throws as `AttachmentFiles.stage`.
   */
  stage(source: Readable, attachmentId: string = randomUUID()): Promise<StagedFile> {
    return this.ports.attachmentFiles.stage(attachmentId, source, this.maxBytes);
  }

  discard({ attachmentId }: StagedFile): Promise<void> {
    return this.ports.attachmentFiles.discard(attachmentId);
  }

  /** Durable when it resolves; else nothing is left of the file. Throws `invalid_request` for one without a byte. */
  async keep(staged: StagedFile, callerId: string, sentFilename: string): Promise<AttachmentRecord> {
    if (staged.sizeBytes === 0) {
      await this.discard(staged);
      throw new ServiceError('invalid_request', 'The file is empty.', {
        fields: [{ path: 'file', message: 'must have at least one byte' }],
      });
    }
    const known = this.ports.attachments.find(staged.attachmentId);
    if (known) {
      await this.discard(staged);
      return known;
    }
    const record: AttachmentRecord = {
      ...staged,
      callerId,
      filename: toSafeFilename(sentFilename),
      threadId: null,
      createdAt: new Date(this.options.nowMs()).toISOString(),
    };
    try {
      await this.ports.attachmentFiles.keep(staged.attachmentId);
      await this.ports.attachments.put(record);
    } catch (error) {
      await this.discard(staged);
      await this.ports.attachmentFiles.remove([staged.attachmentId]);
      throw error;
    }
    return record;
  }

  /** Throws `not_found`, for the attachments of others too. */
  require(callerId: string, attachmentId: string): AttachmentRecord {
    const record = this.ports.attachments.find(attachmentId);
    if (record?.callerId !== callerId) {
      throw notFound('There is no such attachment.');
    }
    return record;
  }

  /** Throws `not_found` when the file is gone. */
  async read({ attachmentId }: AttachmentRecord, range?: ByteRange): Promise<Readable> {
    const stream = await this.ports.attachmentFiles.read(attachmentId, range);
    if (!stream) {
      throw notFound('The file of this attachment is gone.');
    }
    return stream;
  }

  async delete(callerId: string, attachmentId: string): Promise<void> {
    await this.remove([this.require(callerId, attachmentId)]);
  }

  /** A file that outlives its record is no harm, since it is removed at the next start; the reverse would be. */
  async remove(records: readonly AttachmentRecord[]): Promise<void> {
    const ids = records.map(({ attachmentId }) => attachmentId);
    await this.ports.attachments.delete(ids);
    await this.ports.attachmentFiles.remove(ids);
  }

  /**
   * Says that a thread uses the attachments in this input; those that no thread used before are deleted with it.
   * Throws `not_found` for one that the caller does not have; none is changed then.
   */
  async claim(callerId: string, input: readonly unknown[], threadId: string): Promise<void> {
    const records = input.flatMap((part, index) => {
      return isAttachmentPart(part) ? [this.#requirePart(callerId, part.attachment_id, index)] : [];
    });
    const unclaimed = new Set(records.filter((record) => record.threadId === null));
    await Promise.all([...unclaimed].map((record) => this.ports.attachments.put({ ...record, threadId })));
  }

  /** The input as the engine understands it. Throws `not_found` when an attachment in it was deleted meanwhile. */
  toEngineInput(input: readonly unknown[]): readonly unknown[] {
    return input.some(isAttachmentPart) ? input.flatMap((part) => this.#toEngineParts(part)) : input;
  }

  /** Deletes what belongs to a thread that is no more. Never rejects: what can't be deleted now is when its time is over. */
  async threadDeleted(threadId: string): Promise<void> {
    try {
      await this.remove(this.ports.attachments.ofThread(threadId));
    } catch (error) {
      const fields = { threadId, err: error };
      this.ports.log.write('warn', 'The attachments of a deleted thread could not be deleted.', fields);
    }
  }

  #requirePart(callerId: string, attachmentId: string, index: number): AttachmentRecord {
    const record = this.ports.attachments.find(attachmentId);
    if (record?.callerId !== callerId) {
      throw new ServiceError('not_found', `There is no attachment ${JSON.stringify(attachmentId)}; upload it first.`, {
        fields: [{ path: `input[${String(index)}].attachment_id`, message: 'is not known' }],
      });
    }
    return record;
  }

  #toEngineParts(part: unknown): unknown[] {
    if (!isAttachmentPart(part)) {
      return [part];
    }
    const record = this.ports.attachments.find(part.attachment_id);
    if (!record) {
      throw notFound(`The attachment ${JSON.stringify(part.attachment_id)} was deleted before the agent could see it.`);
    }
    return toEngineParts(record, this.ports.attachmentFiles.pathOf(record.attachmentId));
  }
}

function notFound(message: string): ServiceError {
  return new ServiceError('not_found', message);
}
