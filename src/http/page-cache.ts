import { type Json, type JsonBytes, toJsonBytes } from './json.js';

const MAX_PAGES = 200;

/** Answers that stay valid until something changes. A change makes all of them stale at once. */
export class PageCache<T> {
  readonly #pages = new Map<string, JsonBytes<T>>();
  #revision: number | undefined;

  /** The answer for `key` as of `revision`; made when there is none. */
  get(key: string, revision: number, make: () => Json<T>): JsonBytes<T> {
    if (revision !== this.#revision || this.#pages.size >= MAX_PAGES) {
      this.#pages.clear();
      this.#revision = revision;
    }
    let page = this.#pages.get(key);
    if (page === undefined) {
      page = toJsonBytes(make());
      this.#pages.set(key, page);
    }
    return page;
  }
}
