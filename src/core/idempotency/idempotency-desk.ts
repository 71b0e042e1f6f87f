import { randomUUID } from 'node:crypto';
import { ServiceError } from '../errors.js';
import { type IdempotencyRecord, type IdempotencyStore, type KeptAnswer } from './idempotency-store.js';

const KEPT_MS = 24 * 60 * 60_000;
const CLEANING_INTERVAL_MS = 60 * 60_000;
const RETRY_AFTER_SECONDS = 1;

/** A request that is to be done once. */
export interface KeyedRequest {
  callerId: string;
  key: string;
  fingerprint: string;
}

/** The right to do it now; it must be finished. */
export interface Operation {
  /** The record's `operationId`. */
  id: string;
  /** Keeps the answer for the next ones who ask; `null`: a retry does it anew. Durable when it resolves. */
  finish: (answer: KeptAnswer | null) => Promise<void>;
}

/**
 * Lets each keyed request be done once. An answer is kept for 24 hours. One without an answer, which nobody in this
 * process works on, was cut short by the end of the server: its retry is done again, under the same operation id.
 */
export class IdempotencyDesk {
  /** Caller and key → fingerprint, of what is being worked on. */
  readonly #running = new Map<string, string>();
  #cleanedAtMs = 0;

  constructor(
    private readonly store: IdempotencyStore,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /**
   * The answer that was given, or the right to find it. Throws `idempotency_conflict` when the key belongs to another
   * request, `conflict` while that one is being worked on.
   */
  async begin(request: KeyedRequest): Promise<KeptAnswer | Operation> {
    const slot = JSON.stringify([request.callerId, request.key]);
    const known = this.#find(request);
    const fingerprint = this.#running.get(slot) ?? known?.fingerprint ?? request.fingerprint;
    if (fingerprint !== request.fingerprint) {
      throw new ServiceError(
        'idempotency_conflict',
        'This Idempotency-Key was used for another request; send each request with a key of its own.',
      );
    }
    if (this.#running.has(slot)) {
      throw new ServiceError('conflict', 'The request with this Idempotency-Key is still being worked on.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    if (known?.answer) {
      return known.answer;
    }
    this.#running.set(slot, fingerprint);
    return this.#start(known ?? this.#toRecord(request), slot);
  }

  async #start(record: IdempotencyRecord, slot: string): Promise<Operation> {
    try {
      await this.#clean();
      await this.store.put(record);
    } catch (error) {
      this.#running.delete(slot);
      throw error;
    }
    return {
      id: record.operationId,
      finish: async (answer) => {
        try {
          await (answer ? this.store.put({ ...record, answer }) : this.store.delete(record.callerId, record.key));
        } finally {
          this.#running.delete(slot);
        }
      },
    };
  }

  #find({ callerId, key }: KeyedRequest): IdempotencyRecord | undefined {
    const record = this.store.find(callerId, key);
    return record && record.createdAt >= this.#keptSince() ? record : undefined;
  }

  #toRecord(request: KeyedRequest): IdempotencyRecord {
    const createdAt = new Date(this.nowMs()).toISOString();
    return { ...request, operationId: randomUUID(), answer: null, createdAt };
  }

  /** Old records go when new ones come, at most once an hour. */
  async #clean(): Promise<void> {
    if (this.nowMs() - this.#cleanedAtMs >= CLEANING_INTERVAL_MS) {
      this.#cleanedAtMs = this.nowMs();
      await this.store.deleteBefore(this.#keptSince());
    }
  }

  #keptSince(): string {
    return new Date(this.nowMs() - KEPT_MS).toISOString();
  }
}
