import { ServiceError } from '../../core/errors.js';
import { checkJson } from './json-rules.js';
import { findRepeatedKey } from './repeated-key.js';

/** Every escape of a JSON text as a whole; a pair counts as one. */
const ESCAPES = /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|[^])/g;
const HALF_LENGTH = '\\udc00'.length;

/**
 * Reads JSON that somebody sent. Half of a surrogate pair, as is left of an emoji that a client cut by its UTF-16 length,
 * becomes U+FFFD: no text in the program ever has one. Refused, with `invalid_request` and where it is: a key that an
 * object has twice, since readers differ in which one counts, and what `checkJson` refuses. Throws `SyntaxError` for what
 * is no JSON.
 */
export function parseJson(text: string): unknown {
  const wellFormed = /\\u[dD]/.test(text) ? text.replace(ESCAPES, withoutHalf) : text;
  const value = JSON.parse(wellFormed) as unknown;
  const keys = checkJson(value);
  const repeated = findRepeatedKey(wellFormed, keys);
  if (repeated !== undefined) {
    throw new ServiceError('invalid_request', `The body has the key ${repeated} twice in one object.`, {
      fields: [{ path: repeated, message: 'is there twice' }],
    });
  }
  return value;
}

function withoutHalf(escape: string): string {
  return escape.length === HALF_LENGTH ? '\\ufffd' : escape;
}
