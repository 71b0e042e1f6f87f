import { ServiceError } from '../../core/errors.js';

const RETRY_AFTER_SECONDS = 5;
const SQLITE_CONSTRAINT = 19;

/** The primary result codes of SQLite (https://sqlite.org/rescode.html) that an operator can do something about. */
const REASONS: Readonly<Record<number, string>> = {
  5: 'another program holds the database',
  8: 'the database is read-only',
  10: 'the disk reports an error',
  11: 'the database is damaged',
  13: 'the disk is full',
  14: 'the database can not be opened',
  26: 'the file is not a database',
};

/** Of which no waiting and no room on the disk will cure a database: corrupt, and not one at all. */
export const DAMAGED: ReadonlySet<number> = new Set([11, 26]);

/**
 * What a failed statement is to the caller: `storage_unavailable`, with the reason and without a path; `internal` for a
 * row that contradicts what is stored, which no retry will cure.
 */
export function toStorageError(error: unknown): ServiceError {
  if (error instanceof ServiceError) {
    return error;
  }
  const resultCode = toResultCode(error);
  if (resultCode === SQLITE_CONSTRAINT) {
    return new ServiceError('internal', 'What was to be stored contradicts what is stored already.', { cause: error });
  }
  const message = DAMAGED.has(resultCode)
    ? `The server's storage can't be used: ${toReason(error)}. Stop the server, and put a backup in its place.`
    : `The server's storage can't be used at the moment: ${toReason(error)}.`;
  return new ServiceError('storage_unavailable', message, { cause: error, retryAfterSeconds: RETRY_AFTER_SECONDS });
}

/** The reason in words; for an error that isn't SQLite's, or has no words here, its own message. */
export function toReason(error: unknown): string {
  return REASONS[toResultCode(error)] ?? (error instanceof Error ? error.message : String(error));
}

/** The lowest byte of an extended code is the primary one; 0 for what is no SQLite error. */
export function toResultCode(error: unknown): number {
  const { errcode } = Object(error) as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : 0;
}
