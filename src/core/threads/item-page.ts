import { type HistoryQuery } from '../turns/turn-index.js';
import { type ItemRecord } from '../turns/turn-record.js';
import { parsePositionCursor, START, toPositionCursor } from './history-position.js';
import { type Page } from './thread-index.js';

/** A page of the items of one turn, which are all there. */
export function toItemPage(items: readonly ItemRecord[], query: HistoryQuery & { turnId?: string }): Page<ItemRecord> {
  const { sortDirection, limit, cursor, turnId = '' } = query;
  const list = `items-of/${turnId}/${sortDirection}`;
  const told = cursor === undefined ? 0 : parsePositionCursor(cursor, list).items;
  const ordered = sortDirection === 'asc' ? items : [...items].reverse();
  const end = told + limit;
  return {
    data: ordered.slice(told, end),
    nextCursor: end < ordered.length ? toPositionCursor(list, { ...START, items: end }) : null,
  };
}
