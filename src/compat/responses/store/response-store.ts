import { type RecordCollection, type Records } from '../../../core/records/records.js';
import { type Item, isOver, type ResponseRecord } from './response-record.js';

/** Points from an id of an item, or a hash of a context, to the response that has it. */
interface Pointer {
  id: string;
  responseId: string;
  createdAt: string;
}

/** Who asks, and over which connection: responses that are not stored are known there only. */
export interface Asker {
  callerId: string;
  /** `http` for all requests, else one of a socket. */
  scope: string;
}

/** How many responses that are not stored are remembered, for as long as the process lives. */
const MAX_VOLATILE = 1000;

/** The group of those that are under way, which a start of the server looks for. */
const OPEN = 'open';

/** Responses: on the disk, or with `store: false` in memory. */
export class ResponseStore {
  readonly #records: RecordCollection<ResponseRecord>;
  readonly #items: RecordCollection<Pointer>;
  readonly #contexts: RecordCollection<Pointer>;
  readonly #volatile = new Map<string, { record: ResponseRecord; scope: string }>();
  readonly #volatileContexts = new Map<string, string>();

  constructor(records: Records) {
    const toPointerKeys = ({ id, createdAt }: Pointer) => ({ id, group: null, createdAt });
    this.#records = records.collection('responses', (record) => ({
      id: record.responseId,
      group: isOver(record) ? null : OPEN,
      createdAt: record.keptAt ?? record.createdAt,
    }));
    this.#items = records.collection('response-items', toPointerKeys);
    this.#contexts = records.collection('response-contexts', toPointerKeys);
  }

  /** Durable when it resolves, where it is to be. */
  async put(record: ResponseRecord, scope: string): Promise<void> {
    if (isStored(record)) {
      await this.#records.put(record);
    } else {
      this.#remember(record, scope);
    }
  }

  /** The same at its end, with what its items and the conversation up to here are found by. */
  async end(record: ResponseRecord, scope: string): Promise<void> {
    const { responseId, createdAt, callerId, contextHash } = record;
    const contextId = `${callerId} ${contextHash ?? ''}`;
    if (!isStored(record)) {
      this.#volatileContexts.set(`${scope} ${contextId}`, responseId);
      await this.put(record, scope);
      return;
    }
    const items = outputOf(record).map(({ id }) => ({ id: `${callerId} ${String(id)}`, responseId, createdAt }));
    await Promise.all([
      ...items.map((pointer) => this.#items.put(pointer)),
      this.#contexts.put({ id: contextId, responseId, createdAt }),
      this.#records.put(record),
    ]);
  }

  /** A stored response of this caller. */
  find(responseId: string, callerId: string): ResponseRecord | undefined {
    const record = this.#records.find(responseId);
    return record?.callerId === callerId ? record : undefined;
  }

  /** The same, or one that is not stored but can be gone on with here. */
  findForContinuing(responseId: string, { callerId, scope }: Asker): ResponseRecord | undefined {
    const kept = this.#volatile.get(responseId);
    const isHere = kept?.scope === scope && scope !== HTTP_SCOPE && kept.record.callerId === callerId;
    return isHere ? kept.record : this.find(responseId, callerId);
  }

  /** The response after which a conversation came to this. */
  findByContext(contextHash: string, { callerId, scope }: Asker): ResponseRecord | undefined {
    const contextId = `${callerId} ${contextHash}`;
    const volatileId = this.#volatileContexts.get(`${scope} ${contextId}`);
    const kept = volatileId === undefined ? undefined : this.#volatile.get(volatileId)?.record;
    const pointer = kept ? undefined : this.#contexts.find(contextId);
    return kept ?? (pointer && this.find(pointer.responseId, callerId));
  }

  /** An item of a stored response's output, or of its input. */
  findItem(itemId: string, callerId: string): Item | undefined {
    const pointer = this.#items.find(`${callerId} ${itemId}`);
    const record = pointer && this.find(pointer.responseId, callerId);
    return record && outputOf(record).find(({ id }) => id === itemId);
  }

  /** Any response that some other one continues. */
  findParent({ parentId }: ResponseRecord): ResponseRecord | undefined {
    return parentId === null ? undefined : (this.#volatile.get(parentId)?.record ?? this.#records.find(parentId));
  }

  /** Those that were under way when the last process ended. */
  open(): ResponseRecord[] {
    return this.#records.ofGroup(OPEN);
  }

  async delete(record: ResponseRecord): Promise<void> {
    const { callerId, contextHash, responseId } = record;
    const itemIds = outputOf(record).map(({ id }) => `${callerId} ${String(id)}`);
    const contextId = `${callerId} ${contextHash ?? ''}`;
    const isOwnContext = this.#contexts.find(contextId)?.responseId === responseId;
    await Promise.all([
      this.#items.delete(itemIds),
      this.#contexts.delete(isOwnContext ? [contextId] : []),
      this.#records.delete([responseId]),
    ]);
  }

  /** Up to `limit` of those that are over and older than this time, the oldest first. */
  overBefore(time: string, limit: number): ResponseRecord[] {
    for (let passed = 0; ;) {
      const records = this.#records.createdBefore(time, limit + passed);
      const over = records.filter(isOver);
      if (over.length > 0 || records.length < limit + passed) {
        return over;
      }
      passed = records.length;
    }
  }

  /** The time to keep it begins again. */
  keep(record: ResponseRecord, keptAt: string): Promise<void> {
    return this.#records.put({ ...record, keptAt });
  }

  /** Forgets a response that is not stored. */
  evict(responseId: string): ResponseRecord | undefined {
    const kept = this.#volatile.get(responseId);
    this.#volatile.delete(responseId);
    return kept?.record;
  }

  /** Forgets all of a connection that is gone. */
  evictScope(scope: string): ResponseRecord[] {
    const gone = [...this.#volatile.values()].filter((kept) => kept.scope === scope).map(({ record }) => record);
    for (const { responseId } of gone) {
      this.#volatile.delete(responseId);
    }
    for (const key of this.#volatileContexts.keys()) {
      if (key.startsWith(`${scope} `)) {
        this.#volatileContexts.delete(key);
      }
    }
    return gone;
  }

  #remember(record: ResponseRecord, scope: string): void {
    this.#volatile.delete(record.responseId);
    this.#volatile.set(record.responseId, { record, scope });
    for (const map of [this.#volatile, this.#volatileContexts] as Map<string, unknown>[]) {
      const oldest = map.keys().next();
      if (map.size > MAX_VOLATILE && !oldest.done) {
        map.delete(oldest.value);
      }
    }
  }
}

export const HTTP_SCOPE = 'http';

export function isStored({ head }: ResponseRecord): boolean {
  return head.store !== false;
}

export function outputOf({ resource }: ResponseRecord): readonly Item[] {
  return (resource?.output as readonly Item[] | undefined) ?? [];
}
