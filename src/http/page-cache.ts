const MAX_PAGES = 200;

/** Answers that are the same until something changes. What has changed since makes all of them stale at once. */
export class PageCache {
  readonly #pages = new Map<string, Buffer>();
  #revision: number | undefined;

  /** The answer for `key` as of `revision`; made when there is none. */
  get(key: string, revision: number, make: () => string): Buffer {
    if (revision !== this.#revision || this.#pages.size >= MAX_PAGES) {
      this.#pages.clear();
      this.#revision = revision;
    }
    let page = this.#pages.get(key);
    if (page === undefined) {
      page = Buffer.from(make());
      this.#pages.set(key, page);
    }
    return page;
  }
}
