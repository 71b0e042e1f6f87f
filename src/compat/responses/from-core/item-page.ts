import { type Payload } from '../../../core/engine/engine.js';
import { type ItemsQuery } from '../schema/queries.js';
import { invalid } from '../to-core/check-create.js';
import { type Item } from '../store/response-record.js';

const DEFAULT_LIMIT = 20;

/** A page of items as OpenAI pages: the newest first unless told otherwise. Throws for a cursor that is in none of them. */
export function toItemPage(
  items: readonly Item[],
  { limit = DEFAULT_LIMIT, order = 'desc', after, before }: ItemsQuery,
): Payload {
  const ordered = order === 'desc' ? [...items].reverse() : items;
  const from = after === undefined ? 0 : requireIndex(ordered, after, 'after') + 1;
  const to = before === undefined ? ordered.length : requireIndex(ordered, before, 'before');
  const data = ordered.slice(from, Math.min(to, from + limit));
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + data.length < to,
  };
}

function requireIndex(items: readonly Item[], id: string, param: string): number {
  const at = items.findIndex((item) => item.id === id);
  if (at < 0) {
    throw invalid(
      `Invalid value for '${param}': there is no item with the id '${id.slice(0, 64)}' in this list.`,
      'invalid_value',
      param,
    );
  }
  return at;
}
