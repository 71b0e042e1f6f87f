import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type AttachmentRecord } from '../../core/attachments/attachment.js';
import { type View } from '../../http/view.js';

@ApiSchema({ description: 'A file that was uploaded for the agent.' })
export class AttachmentDto {
  attachment_id!: string;

  /** As it was sent, without path and control characters, and at most 200 characters long. */
  filename!: string;

  /** A media type, found in the bytes; what the sender said of it does not count. */
  @ApiProperty({ example: 'image/png' })
  content_type!: string;

  @ApiProperty({ type: 'integer', minimum: 1 })
  size_bytes!: number;

  /** In lower-case hexadecimal. */
  @ApiProperty({ pattern: '^[0-9a-f]{64}$' })
  sha256!: string;

  /** The first thread that it was used in, with which it is deleted. */
  thread_id!: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;
}

export function toAttachment(record: AttachmentRecord): View<AttachmentDto> {
  return {
    attachment_id: record.attachmentId,
    filename: record.filename,
    content_type: record.contentType,
    size_bytes: record.sizeBytes,
    sha256: record.sha256,
    thread_id: record.threadId,
    created_at: record.createdAt,
  };
}
