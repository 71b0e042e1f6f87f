import { type Payload } from '../engine/payload.js';
import { type AttachmentRecord } from './attachment.js';

/** A part of a turn's input that stands for an uploaded file. */
export interface AttachmentPart {
  type: 'attachment';
  attachment_id: string;
}

/** What models take as images. */
const IMAGE_TYPES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

export function isAttachmentPart(part: unknown): part is AttachmentPart {
  return typeof part === 'object' && part !== null && (part as Payload).type === 'attachment';
}

/**
 * What the engine is told of a file. An image is shown to the model; of any other file the engine tells the model
 * nothing, so that a text beside it says where it is.
 */
export function toEngineParts(record: AttachmentRecord, path: string): Payload[] {
  if (IMAGE_TYPES.has(record.contentType)) {
    return [{ type: 'local_image', path }];
  }
  const { filename, contentType, sizeBytes } = record;
  const what = `${JSON.stringify(filename)} (${contentType}, ${String(sizeBytes)} bytes)`;
  return [
    { type: 'mention', name: filename, path },
    { type: 'text', text: `The user attached the file ${what}. It can be read at ${path}` },
  ];
}
