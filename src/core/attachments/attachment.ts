/** A file that a caller uploaded. */
export interface AttachmentRecord {
  attachmentId: string;
  /** Stands for the token of its owner, who alone can see it. */
  callerId: string;
  /** As the caller named it, made safe; never used as a path. */
  filename: string;
  /** What its bytes say it is. */
  contentType: string;
  sizeBytes: number;
  sha256: string;
  /** The first thread that used it, with which it is deleted. */
  threadId: string | null;
  /** RFC 3339, UTC, milliseconds. */
  createdAt: string;
}
