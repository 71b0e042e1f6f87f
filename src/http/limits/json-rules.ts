import { ServiceError } from '../../core/errors.js';

export const MAX_JSON_DEPTH = 64;

/**
 * Refuses JSON that nests deeper than `MAX_JSON_DEPTH`, or that has keys which reach a prototype when the object is
 * merged somewhere. Returns how many keys its objects have. Throws `invalid_request`.
 */
export function checkJson(root: unknown): number {
  let keys = 0;
  // A list of its own instead of recursion: the depth is the sender's choice.
  const pending: { value: unknown; depth: number }[] = [{ value: root, depth: 1 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) {
      continue;
    }
    if (depth > MAX_JSON_DEPTH) {
      throw new ServiceError('invalid_request', `The body nests deeper than ${String(MAX_JSON_DEPTH)} levels.`);
    }
    const parts = Object.values(value) as unknown[];
    if (!Array.isArray(value)) {
      checkKeys(value);
      keys += parts.length;
    }
    for (const part of parts) {
      if (typeof part === 'object' && part !== null) {
        pending.push({ value: part, depth: depth + 1 });
      }
    }
  }
  return keys;
}

function checkKeys(value: object): void {
  const isReachingPrototype =
    Object.hasOwn(value, '__proto__') ||
    (Object.hasOwn(value, 'constructor') && hasOwnPrototype((value as { constructor: unknown }).constructor));
  if (isReachingPrototype) {
    throw new ServiceError('invalid_request', 'The keys __proto__ and constructor.prototype are refused in a body.');
  }
}

function hasOwnPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}
