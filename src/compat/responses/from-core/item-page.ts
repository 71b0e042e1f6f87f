import { type Payload } from '../../../core/engine/engine.js';
import { type ItemsQuery } from '../schema/queries.js';
import { type Item } from '../store/response-record.js';

const DEFAULT_LIMIT = 20;

/** A page of items as OpenAI pages: the newest first unless told otherwise. */
export function toItemPage(
  items: readonly Item[],
  { limit = DEFAULT_LIMIT, order = 'desc', after, before }: ItemsQuery,
): Payload {
  const ordered = order === 'desc' ? [...items].reverse() : items;
  const from = after === undefined ? 0 : indexOf(ordered, after) + 1;
  const to = before === undefined ? ordered.length : indexOf(ordered, before, ordered.length);
  const data = ordered.slice(from, Math.min(to, from + limit));
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + data.length < to,
  };
}

function indexOf(items: readonly Item[], id: string, otherwise = -1): number {
  const at = items.findIndex((item) => item.id === id);
  return at < 0 ? otherwise : at;
}
