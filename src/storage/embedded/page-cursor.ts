import { ServiceError } from '../../core/errors.js';
import { type Page } from '../../core/threads/thread-index.js';

export type SortKey = readonly (string | number)[];

/** base64url of the list's name and the sort key of the last row of a page. */
export function toCursor(list: string, key: SortKey): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
}

/**
 * The sort key in a cursor of this list, whose values have the types of `sample`.
 * Throws `invalid_request` for anything else, a cursor of another list included.
 */
export function parseCursor(text: string, list: string, sample: SortKey): (string | number)[] {
  const [name, ...key] = toValues(text);
  const isWhole = key.length === sample.length && key.every((value, index) => typeof value === typeof sample[index]);
  if (name !== list || !isWhole) {
    throw new ServiceError('invalid_request', 'The cursor is not one that this list gave.', {
      fields: [{ path: '?cursor', message: 'Leave it out, or pass the next_cursor of the page before, unchanged.' }],
    });
  }
  return key as (string | number)[];
}

/** Whoever asks the database for `limit + 1` rows learns whether there is another page. */
export function toPage<R, T>(rows: R[], limit: number, toRecord: (row: R) => T, cursorOf: (row: R) => string): Page<T> {
  const shown = rows.length > limit ? rows.slice(0, limit) : rows;
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(toRecord), nextCursor: last === undefined ? null : cursorOf(last) };
}

function toValues(text: string): unknown[] {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) {
    return [];
  }
  try {
    const values: unknown = JSON.parse(bytes.toString());
    return Array.isArray(values) ? values : [];
  } catch {
    return [];
  }
}
