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
  /** Of all that is known of the request before its body is read, where its route reads that itself. */
  fingerprint: string;
  /** The body is still to come: what was answered is only given again once the body is known to be the same. */
  isContentPending?: boolean;
  /**
   * What it does can neither be found again nor done twice without harm: when the server died over it, nobody knows
   * whether it was done, and a retry is told so.
   */
  isUnrepeatable?: boolean;
}

/** The right to do it now; it must be finished. */
export interface Operation {
  /** The record's `operationId`. */
  id: string;
  /** An earlier attempt may have done it, or a part of it: the server ended before it could answer. */
  isRetry: boolean;
  /**
   * Names the content of a request whose body was still to come. Resolves with the answer that was given to the same
   * one before, if there is one. Throws `idempotency_conflict` when it was another one.
   */
  identify: (content: string) => Promise<KeptAnswer | undefined>;
  /** Keeps the answer for the next ones who ask; `null`: a retry does it anew. Durable when it resolves. */
  finish: (answer: KeptAnswer | null) => Promise<void>;
}

/**
 * Lets each keyed request be done once. An answer is kept for 24 hours. One without an answer, which nobody in this
 * process works on, was cut short by the end of the server: its retry is done again, under the same operation id, by
 * which what was done already is found.
 */
export class IdempotencyService {
  /** Caller and key → fingerprint, of what is being worked on. */
  readonly #running = new Map<string, string>();
  #cleanedAtMs = -Infinity;

  constructor(
    private readonly store: IdempotencyStore,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /**
   * The answer that was given, or the right to find it. Throws `idempotency_conflict` when the key belongs to another
   * request, `conflict` while that one is being worked on, and when it can't be done again.
   */
  async begin(request: KeyedRequest): Promise<KeptAnswer | Operation> {
    const slot = JSON.stringify([request.callerId, request.key]);
    const known = this.#find(request);
    this.#requireFree(slot, request, known);
    if (known?.answer && !request.isContentPending) {
      return known.answer;
    }
    if (known && request.isUnrepeatable) {
      throw toUnknownOutcome();
    }
    this.#running.set(slot, request.fingerprint);
    return this.#start(known, request, slot);
  }

  #requireFree(slot: string, { fingerprint }: KeyedRequest, known: IdempotencyRecord | undefined): void {
    const running = this.#running.get(slot);
    if ((running ?? known?.fingerprint ?? fingerprint) !== fingerprint) {
      throw toOtherRequest();
    }
    if (running !== undefined) {
      throw new ServiceError('conflict', 'The request with this Idempotency-Key is still being worked on.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
  }

  async #start(known: IdempotencyRecord | undefined, request: KeyedRequest, slot: string): Promise<Operation> {
    const record = known ?? this.#toRecord(request);
    try {
      await this.#clean();
      if (!known) {
        await this.store.put(record);
      }
    } catch (error) {
      this.#running.delete(slot);
      throw error;
    }
    const work = new Work(this.store, record, request.isContentPending === true);
    return {
      id: record.operationId,
      isRetry: known !== undefined,
      identify: (content) => work.identify(content),
      finish: async (answer) => {
        try {
          await work.finish(answer);
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

  #toRecord({ callerId, key, fingerprint }: KeyedRequest): IdempotencyRecord {
    const createdAt = new Date(this.nowMs()).toISOString();
    return { callerId, key, fingerprint, operationId: randomUUID(), answer: null, createdAt };
  }

  /** Forgets what is older than it is kept for. */
  async sweep(): Promise<void> {
    await this.store.deleteBefore(this.#keptSince());
  }

  /** Old records go when new ones come, at most once an hour. */
  async #clean(): Promise<void> {
    if (Math.abs(this.nowMs() - this.#cleanedAtMs) >= CLEANING_INTERVAL_MS) {
      this.#cleanedAtMs = this.nowMs();
      await this.sweep();
    }
  }

  #keptSince(): string {
    return new Date(this.nowMs() - KEPT_MS).toISOString();
  }
}

/** One record while its request is worked on. */
class Work {
  #isMismatched = false;

  constructor(
    private readonly store: IdempotencyStore,
    private record: IdempotencyRecord,
    private isContentPending: boolean,
  ) {}

  async identify(content: string): Promise<KeptAnswer | undefined> {
    const known = this.record.content;
    if (known !== undefined && known !== content) {
      this.#isMismatched = true;
      throw toOtherRequest();
    }
    this.isContentPending = false;
    if (known === undefined) {
      this.record = { ...this.record, content };
      await this.store.put(this.record);
    }
    return this.record.answer ?? undefined;
  }

  /** What came with another content, or broke off before its end, changes nothing of what was done before. */
  async finish(answer: KeptAnswer | null): Promise<void> {
    const { callerId, key, content, answer: before } = this.record;
    if (before || this.#isMismatched || (this.isContentPending && content !== undefined)) {
      return;
    }
    if (answer && !this.isContentPending) {
      await this.store.put({ ...this.record, answer });
    } else {
      await this.store.delete(callerId, key);
    }
  }
}

function toOtherRequest(): ServiceError {
  return new ServiceError(
    'idempotency_conflict',
    'This Idempotency-Key was used for another request; send each request with a key of its own.',
  );
}

function toUnknownOutcome(): ServiceError {
  return new ServiceError(
    'conflict',
    'The server ended while it worked on the request with this Idempotency-Key, and it is not known whether it was ' +
      'done. Look whether it was; to have it done again, send it with a new key.',
  );
}
