import { ServiceError, unless } from '../errors.js';
import { type LinkedFiles } from './linked-files.js';

export interface ImageData {
  mediaType: string;
  bytes: Buffer;
}

/** The largest image that is taken, before base64. */
export const MAX_IMAGE_BYTES = 20 * 1024 * 1024;

const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?((?:;[\w.+-]+=[^;,]*)*)(;base64)?,/i;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** What a data URL holds, whatever it is. Throws `invalid_request`, naming the field at `path`. */
export function parseDataUrl(url: string, path: string): ImageData {
  const match = DATA_URL.exec(url);
  if (!match) {
    throw invalid(path, 'must be a data URL: data:TYPE;base64,DATA', 'The data URL is malformed.');
  }
  const data = url.slice(match[0].length);
  if (match[3] === undefined) {
    return { mediaType: toMediaType(match[1]), bytes: Buffer.from(toUnescaped(data, path)) };
  }
  const base64 = data.replace(/\s+/g, '');
  if (!BASE64.test(base64)) {
    throw invalid(path, 'must be valid base64', 'The data URL holds no valid base64.');
  }
  return { mediaType: toMediaType(match[1]), bytes: Buffer.from(base64, 'base64') };
}

/** The image in a data URL. Throws `invalid_request`, naming the field, for what no model could look at. */
export function requireImage(url: string, path: string): ImageData {
  return requireImageBytes(parseDataUrl(url, path).bytes, path);
}

/** The same of bytes: what they are is told by themselves, whatever anybody says of them. */
export function requireImageBytes(bytes: Buffer, path: string): ImageData {
  const mediaType = toImageType(bytes);
  if (mediaType === undefined) {
    throw invalid(
      path,
      'must be a PNG, JPEG, GIF or WebP image',
      'The image data does not represent a valid image: PNG, JPEG, GIF and WebP are supported.',
    );
  }
  return { mediaType, bytes };
}

/** Whether it is a link, or an image as data that a model could look at. */
export function isImageUrl(url: string): boolean {
  if (!/^data:/i.test(url)) {
    return /^https?:\/\//i.test(url);
  }
  try {
    requireImage(url, 'url');
    return /^data:image\/[^,]+;base64,/i.test(url);
  } catch (error) {
    unless('invalid_request')(error);
    return false;
  }
}

/** An image as a data URL that the engine takes, be it given as one or by a link. */
export async function toInlineImage(url: string, path: string, links: LinkedFiles): Promise<string> {
  const isData = /^data:/i.test(url);
  const { mediaType, bytes } = isData
    ? requireImage(url, path)
    : requireImageBytes((await links.fetch(url, { maxBytes: MAX_IMAGE_BYTES, path })).bytes, path);
  return `data:${mediaType};base64,${bytes.toString('base64')}`;
}

const SIGNATURES: readonly (readonly [type: string, isOne: (bytes: Buffer) => boolean])[] = [
  ['image/png', (bytes) => bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))],
  ['image/jpeg', (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))],
  ['image/gif', (bytes) => /^GIF8[79]a/.test(bytes.toString('latin1', 0, 6))],
  ['image/webp', (bytes) => /^RIFF[^]{4}WEBP/.test(bytes.toString('latin1', 0, 12))],
];

function toImageType(bytes: Buffer): string | undefined {
  return SIGNATURES.find(([, isOne]) => isOne(bytes))?.[0];
}

function toMediaType(declared: string | undefined): string {
  return declared?.toLowerCase() ?? 'text/plain';
}

function toUnescaped(data: string, path: string): string {
  try {
    return decodeURIComponent(data);
  } catch {
    throw invalid(path, 'has a malformed percent-encoding', 'The data URL is malformed.');
  }
}

function invalid(path: string, fault: string, message: string): ServiceError {
  return new ServiceError('invalid_request', message, { fields: [{ path, message: fault }] });
}
