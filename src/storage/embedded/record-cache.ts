/**
 * Decoded records by key and version, the least recently used go first. It keeps the identity of a record for as long
 * as its row isn't written, so that what is derived from one can be kept in a WeakMap.
 */
export class RecordCache<T> {
  readonly #entries = new Map<string, { version: number; record: T }>();

  constructor(private readonly maxRecords: number) {}

  get(key: string, version: number): T | undefined {
    const entry = this.#entries.get(key);
    if (entry?.version !== version) {
      return undefined;
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.record;
  }

  set(key: string, version: number, record: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, { version, record });
    if (this.#entries.size > this.maxRecords) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest ?? key);
    }
  }
}
