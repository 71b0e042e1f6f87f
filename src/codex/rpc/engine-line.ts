import { ServiceError } from '../../core/errors.js';
import { toWellFormedJson } from '../../core/text/well-formed-json.js';

/** The engine's parser gives up at 128 levels, and what it writes to its own files wraps a message in a few more. */
const MAX_DEPTH = 100;

/**
 * A message as a line that the engine can read. It drops a line that it can't read without an answer, and of what
 * `JSON.stringify` makes that is two things (engine 0.169.0, serde_json): half of a surrogate pair, which becomes U+FFFD
 * here, and deep nesting. Throws `invalid_request` for the latter.
 */
export function toEngineLine(message: object): string {
  if (isDeeper(message, MAX_DEPTH)) {
    throw new ServiceError('invalid_request', `The engine takes no value that nests ${String(MAX_DEPTH)} levels deep.`);
  }
  return toWellFormedJson(message);
}

function isDeeper(value: object, levels: number): boolean {
  if (levels === 0) {
    return true;
  }
  for (const part of Object.values(value) as unknown[]) {
    if (typeof part === 'object' && part !== null && isDeeper(part, levels - 1)) {
      return true;
    }
  }
  return false;
}
