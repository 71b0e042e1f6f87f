import { ServiceError } from '../../core/errors.js';

const RETRY_AFTER_SECONDS = 5;

/** The error codes of the operating system that an operator can do something about. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is larger than the disk allows',
  EROFS: 'the disk is read-only',
  EACCES: 'the folder may not be written to',
  EPERM: 'the folder may not be written to',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
};

/** An error of the file system as `storage_unavailable`, with the reason and without a path; others as they are. */
export function toFileError(error: unknown): unknown {
  if (!isSystemError(error)) {
    return error;
  }
  const reason = REASONS[error.code ?? ''] ?? 'the data directory is damaged';
  return new ServiceError('storage_unavailable', `The server's storage can't be used at the moment: ${reason}.`, {
    cause: error,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

export function isMissing(error: unknown): boolean {
  return isSystemError(error) && error.code === 'ENOENT';
}

/** Only an error that a call of the system gave names that call; one of a stream or of a socket's end does not. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
