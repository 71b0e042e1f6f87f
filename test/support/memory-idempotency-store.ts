import { type IdempotencyRecord, IdempotencyStore } from '../../src/core/idempotency/idempotency-store.js';

/** For tests of what stands above the store. */
export class MemoryIdempotencyStore extends IdempotencyStore {
  readonly records = new Map<string, IdempotencyRecord>();

  override find(callerId: string, key: string): IdempotencyRecord | undefined {
    return this.records.get(`${callerId} ${key}`);
  }

  override put(record: IdempotencyRecord): Promise<void> {
    this.records.set(`${record.callerId} ${record.key}`, record);
    return Promise.resolve();
  }

  override delete(callerId: string, key: string): Promise<void> {
    this.records.delete(`${callerId} ${key}`);
    return Promise.resolve();
  }

  override deleteBefore(time: string): Promise<void> {
    for (const [slot, { createdAt }] of this.records) {
      if (createdAt < time) {
        this.records.delete(slot);
      }
    }
    return Promise.resolve();
  }
}
