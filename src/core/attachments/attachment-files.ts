import { type Readable } from 'node:stream';

/** A file that was received whole, but is no attachment yet. */
export interface StagedFile {
  /** The id that its attachment will have. */
  attachmentId: string;
  sizeBytes: number;
  /** In lower-case hexadecimal. */
  sha256: string;
  /** A media type, found in the bytes alone. */
  contentType: string;
}

/** Both ends count, from 0. */
export interface ByteRange {
  first: number;
  last: number;
}

/** The bytes of attachments, by id. Each method rejects with `storage_unavailable` when the storage fails. */
export abstract class AttachmentFiles {
  /**
   * Takes in a stream, never as a whole in memory; what is staged is durable. Rejects with `payload_too_large` past
   * `maxBytes`, or with the error of the stream; nothing is left of the file then.
   */
  abstract stage(attachmentId: string, source: Readable, maxBytes: number): Promise<StagedFile>;

  /** Makes a staged file the attachment's; durable when it resolves. */
  abstract keep(attachmentId: string): Promise<void>;

  /** Removes a staged file, if it is there. */
  abstract discard(attachmentId: string): Promise<void>;

  /** `undefined` when there is no such file. Whoever asks must read the stream to its end or destroy it. */
  abstract read(attachmentId: string, range?: ByteRange): Promise<Readable | undefined>;

  /** Where programs on this machine find the file; nothing but its owner's account may read it there. */
  abstract pathOf(attachmentId: string): string;

  /** Files that are not there count as removed. */
  abstract remove(attachmentIds: readonly string[]): Promise<void>;

  /** Removes what an earlier run left: staged files, and those of ids that are not known. Resolves with their number. */
  abstract removeLeftovers(isKnown: (attachmentId: string) => boolean): Promise<number>;
}
