import { open } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { isSystemError } from './file-error.js';

const SAMPLE_BYTES = 64 * 1024;
const UNKNOWN = 'application/octet-stream';
const DELETE = 0x7f;
/** The control characters that text may have: tab, line feed, form feed, carriage return, escape. */
const TEXT_CONTROLS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1b]);

/** The media type that a file's bytes show: by their signature, else text if they begin as UTF-8 text. */
export async function readContentType(path: string): Promise<string> {
  return (await findSignature(path)) ?? (isText(await readStart(path)) ? 'text/plain' : UNKNOWN);
}

/** A file that only begins as one of a known type is of none. */
async function findSignature(path: string): Promise<string | undefined> {
  try {
    return (await fileTypeFromFile(path))?.mime;
  } catch (error) {
    if (isSystemError(error)) {
      throw error;
    }
    return UNKNOWN;
  }
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function isText(bytes: Uint8Array): boolean {
  try {
    // As a stream, since the sample may end within a character.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return false;
  }
  return bytes.every((byte) => (byte >= 0x20 && byte !== DELETE) || TEXT_CONTROLS.has(byte));
}
