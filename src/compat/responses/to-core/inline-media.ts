import { extname } from 'node:path';
import { parseDataUrl, requireImageBytes, toInlineImage, type ImageData } from '../../../core/attachments/image-url.js';
import { type Attachments } from '../../../core/attachments/attachments.js';
import { type LinkedFiles } from '../../../core/attachments/linked-files.js';
import { ServiceError } from '../../../core/errors.js';
import { type HistoryContent } from '../../../core/turns/history-items.js';
import { type InputContent } from '../schema/content.js';
import { invalid } from './check-create.js';

const MAX_FILE_BYTES = 20 * 1024 * 1024;

export type Part = Exclude<HistoryContent, { type: 'output_text' }>;

export interface MediaPorts {
  links: LinkedFiles;
  attachments: Attachments;
}

/** Texts, images and files of a caller's input as the engine takes them: as texts and as images in data URLs. */
export class InlineMedia {
  constructor(
    private readonly ports: MediaPorts,
    private readonly callerId: string,
  ) {}

  /** Throws what names the field at `path`. */
  async toPart(content: InputContent, path: string): Promise<Part> {
    try {
      return await this.#toPart(content, path);
    } catch (error) {
      const { code, message, fields } = ServiceError.from(error);
      if (code === 'invalid_request' && content.type === 'input_image' && fields.length > 0) {
        throw invalid(message, 'invalid_image', fields[0]?.path ?? path);
      }
      throw error;
    }
  }

  async #toPart(content: InputContent, path: string): Promise<Part> {
    switch (content.type) {
      case 'input_text':
        return { type: 'input_text', text: content.text };
      case 'input_image': {
        const url = await this.#toImageUrl(content, path);
        return { type: 'input_image', image_url: url, ...(content.detail ? { detail: content.detail } : {}) };
      }
      case 'input_file':
        return this.#toFilePart(content, path);
    }
  }

  async #toImageUrl(content: Extract<InputContent, { type: 'input_image' }>, path: string): Promise<string> {
    const { image_url: url, file_id: fileId } = content;
    if (url) {
      return toInlineImage(url, `${path}.image_url`, this.ports.links);
    }
    if (fileId) {
      return toDataUrl(requireImageBytes((await this.#attached(fileId, `${path}.file_id`)).bytes, `${path}.file_id`));
    }
    throw invalid(
      `Missing required parameter: '${path}.image_url'.`,
      'missing_required_parameter',
      `${path}.image_url`,
    );
  }

  async #toFilePart(content: Extract<InputContent, { type: 'input_file' }>, path: string): Promise<Part> {
    const file = await this.#readFile(content, path);
    const name = content.filename ?? file.name;
    const image = findImage(file.bytes);
    if (image) {
      return { type: 'input_image', image_url: toDataUrl(image) };
    }
    const text = toPlainText(file.bytes);
    if (text === undefined) {
      const kind = extname(name).slice(1) || file.mediaType;
      const message = `Unsupported file type: '${kind}'. Text files and PNG, JPEG, GIF and WebP images are supported.`;
      throw invalid(message, 'unsupported_file', path);
    }
    return { type: 'input_text', text: `<file name=${JSON.stringify(name)}>\n${text}\n</file>` };
  }

  async #readFile(content: Extract<InputContent, { type: 'input_file' }>, path: string): Promise<NamedFile> {
    const { file_data: data, file_url: url, file_id: fileId } = content;
    if (data) {
      const isUrl = data.startsWith('data:');
      const file = parseDataUrl(isUrl ? data : `data:application/octet-stream;base64,${data}`, `${path}.file_data`);
      return { ...file, name: 'file' };
    }
    if (url) {
      const file = await this.ports.links.fetch(url, { maxBytes: MAX_FILE_BYTES, path: `${path}.file_url` });
      return { ...file, name: new URL(url).pathname.split('/').at(-1) ?? 'file' };
    }
    if (fileId) {
      return this.#attached(fileId, `${path}.file_id`);
    }
    throw invalid(
      `Missing required parameter: '${path}.file_data'.`,
      'missing_required_parameter',
      `${path}.file_data`,
    );
  }

  async #attached(fileId: string, path: string): Promise<NamedFile> {
    const record = this.#findAttachment(fileId, path);
    const chunks: Buffer[] = [];
    for await (const chunk of (await this.ports.attachments.read(record)) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
    }
    return { mediaType: record.contentType, bytes: Buffer.concat(chunks), name: record.filename };
  }

  #findAttachment(fileId: string, path: string): ReturnType<Attachments['require']> {
    try {
      const record = this.ports.attachments.require(this.callerId, fileId);
      if (record.sizeBytes <= MAX_FILE_BYTES) {
        return record;
      }
    } catch {
      throw invalid(`No such file: '${fileId}'.`, 'file_not_found', path);
    }
    throw invalid(`The file is larger than ${String(MAX_FILE_BYTES)} bytes.`, 'file_too_large', path);
  }
}

interface NamedFile {
  mediaType: string;
  bytes: Buffer;
  name: string;
}

function toDataUrl({ mediaType, bytes }: ImageData): string {
  return `data:${mediaType};base64,${bytes.toString('base64')}`;
}

function findImage(bytes: Buffer): ImageData | undefined {
  try {
    return requireImageBytes(bytes, 'file');
  } catch {
    return undefined;
  }
}

/** `undefined` for what is no text: not UTF-8, or with control characters that no text has. */
function toPlainText(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
