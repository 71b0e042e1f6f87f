import { type ThreadRecord } from '../../core/threads/thread-record.js';

/** No name or message holds it (ASCII "unit separator"), so that a search can't match across the two. */
const SEPARATOR = '\u001f';

/** What a search looks through: SQLite's own LIKE folds ASCII only, and has wildcards. */
export function toSearchText({ name, preview }: ThreadRecord): string {
  return foldForSearch(`${name ?? ''}${SEPARATOR}${preview}`);
}

export function foldForSearch(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
