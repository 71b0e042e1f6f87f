/** What a request with an `Idempotency-Key` was answered. */
export interface IdempotencyRecord {
  callerId: string;
  key: string;
  /** Of method, path and body: the same key with another one is a mistake of the caller's. */
  fingerprint: string;
  /** `null` while the first request is still being worked on. */
  answer: { status: number; headers: Readonly<Record<string, string>>; body: string } | null;
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

  /** Those that were being worked on when the server ended. */
  abstract unanswered(): IdempotencyRecord[];
}
