import { createHash } from 'node:crypto';
import { type Request } from 'express';
import { ServiceError } from '../../core/errors.js';
import { type KeyedRequest } from '../../core/idempotency/idempotency-desk.js';

export const MAX_KEY_CHARACTERS = 255;

const KEY = /^[\x21-\x7E]+$/;

/** The request as far as it counts for being the same one. Throws `invalid_request` for a key that isn't one. */
export function toKeyedRequest(req: Request, callerId: string): KeyedRequest {
  const key = String(req.headers['idempotency-key']);
  if (!KEY.test(key) || key.length > MAX_KEY_CHARACTERS) {
    throw new ServiceError(
      'invalid_request',
      `An Idempotency-Key is 1 to ${String(MAX_KEY_CHARACTERS)} visible ASCII characters, without a space.`,
    );
  }
  return { callerId, key, fingerprint: toFingerprint(req) };
}

/** Of a JSON body neither the order of its keys nor its spacing counts. */
function toFingerprint(req: Request): string {
  const content = req.body === undefined ? describeUpload(req) : toCanonicalJson(req.body);
  return createHash('sha256').update(`${req.method} ${req.originalUrl}\n${content}`).digest('base64url');
}

/**
 * A body that its route reads itself isn't known yet; it is known by type and length. A multipart body is never the same
 * twice anyway, since the client draws a new boundary of the same length.
 */
function describeUpload({ headers }: Request): string {
  const type = headers['content-type']?.split(';')[0] ?? '';
  return `${type} ${headers['content-length'] ?? 'of unknown length'}`;
}

function toCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) ? sortKeys(part) : part,
  );
}

function sortKeys(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
