import { ServiceError } from '../../core/errors.js';

/** A page of a list that is short and at hand as a whole. The cursor is the number of the first entry. */
export function toOffsetPage<T>(
  all: readonly T[],
  query: { limit: number; cursor?: string },
): { data: T[]; next_cursor: string | null } {
  const start = query.cursor === undefined ? 0 : Number(query.cursor);
  if (!Number.isSafeInteger(start) || start < 0) {
    throw new ServiceError('invalid_request', 'The cursor is not one that this list gave.', {
      fields: [{ path: '?cursor', message: 'must be the next_cursor of the page before' }],
    });
  }
  const end = start + query.limit;
  return { data: all.slice(start, end), next_cursor: end < all.length ? String(end) : null };
}
