import { createHash } from 'node:crypto';
import { type Request } from 'express';
import { ServiceError } from '../../core/errors.js';
import { type KeyedRequest } from '../../core/idempotency/idempotency-service.js';

export const MAX_KEY_CHARACTERS = 255;

const KEY = /^[\x21-\x7E]+$/;

export interface KeyedRoute {
  callerId: string;
  isUnrepeatable: boolean;
}

/** The request as far as it counts for being the same one. Throws `invalid_request` for a key that isn't one. */
export function toKeyedRequest(req: Request, route: KeyedRoute): KeyedRequest {
  const key = String(req.headers['idempotency-key']);
  if (!KEY.test(key) || key.length > MAX_KEY_CHARACTERS) {
    throw new ServiceError(
      'invalid_request',
      `An Idempotency-Key is 1 to ${String(MAX_KEY_CHARACTERS)} visible ASCII characters, without a space.`,
    );
  }
  return { ...route, key, fingerprint: toFingerprint(req), isContentPending: req.body === undefined };
}

/**
 * Of a JSON body neither the order of its keys nor its spacing counts. A body that its route reads itself isn't known yet:
 * the route names what it held.
 */
function toFingerprint(req: Request): string {
  const content = req.body === undefined ? mediaTypeOf(req) : toCanonicalJson(req.body);
  return createHash('sha256').update(`${req.method} ${req.originalUrl}\n${content}`).digest('base64url');
}

/** Without its parameters: of a multipart body the boundary is drawn anew each time. */
function mediaTypeOf({ headers }: Request): string {
  return headers['content-type']?.split(';')[0] ?? '';
}

function toCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) ? sortKeys(part) : part,
  );
}

function sortKeys(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
