/** An answer as it went out. */
export interface KeptAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What a request with an `Idempotency-Key` was answered. */
export interface IdempotencyRecord {
  callerId: string;
  key: string;
  /** Of method, path and body: the same key with another one is a mistake of the caller's. */
  fingerprint: string;
  /** Of a body that its route reads itself: what it held, once it was read. */
  content?: string;
  /**
   * A UUID for what the request makes, where the service can choose its id: when the server died before it answered, the
   * retry finds by it what was made.
   */
  operationId: string;
  /** `null` while the first request is still being worked on, or was when the server ended. */
  answer: KeptAnswer | null;
  /** RFC 3339, UTC, milliseconds. */
  createdAt: string;
}

export abstract class IdempotencyStore {
  abstract find(callerId: string, key: string): IdempotencyRecord | undefined;

  /** Durable when it resolves; replaces the record of the same caller and key. */
  abstract put(record: IdempotencyRecord): Promise<void>;
  abstract delete(callerId: string, key: string): Promise<void>;

  /** Forgets what is older than this RFC 3339 time. */
  abstract deleteBefore(time: string): Promise<void>;
}
