import { type IncomingMessage } from 'node:http';
import { type Fields, toFields } from './request/fields.js';

/** A history with its images; past this the engine itself is broken. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** The JSON object of a request. Rejects for what is none, and for one past the limit. */
export async function readBody(request: IncomingMessage): Promise<Fields> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) {
      throw new Error('The body is too large.');
    }
    chunks.push(chunk);
  }
  return toFields(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}
