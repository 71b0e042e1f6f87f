/** Every way in which a request can fail. Each wire maps the whole list, so a new code breaks the build until all answer it. */
export const ERROR_CODES = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'thread_not_found',
  'turn_not_found',
  'approval_not_found',
  'method_not_allowed',
  'request_timeout',
  'conflict',
  'turn_in_progress',
  'turn_not_active',
  'version_conflict',
  'idempotency_conflict',
  'already_answered',
  'not_logged_in',
  'gone',
  'approval_expired',
  'payload_too_large',
  'unsupported_media_type',
  'unprocessable',
  'thread_unreadable',
  'rate_limited',
  'internal',
  'engine_error',
  'engine_unavailable',
  'storage_unavailable',
  'timeout',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** One fault in the input: where it is (`input[0].text`, `?limit`) and what is wrong with it. */
export interface FieldError {
  path: string;
  message: string;
}

export interface ServiceErrorOptions {
  cause?: unknown;
  fields?: FieldError[];
  /** After how many seconds the same request may succeed; becomes `Retry-After`. */
  retryAfterSeconds?: number;
}

/**
 * The one error of the service: a code of the closed list and a message for the caller, which says what was wrong and
 * what to do, and never holds a stack or a path of the host.
 */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly fields: FieldError[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: ServiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ServiceError';
    this.code = code;
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** What is unknown becomes `internal`; its own message stays in `cause`, for the log only. */
  static from(error: unknown): ServiceError {
    if (error instanceof ServiceError) {
      return error;
    }
    return new ServiceError('internal', 'Something went wrong on the server. The request id finds it in its log.', {
      cause: error,
    });
  }
}

/** For a `catch`: swallows an error of this code, which is no fault there, and throws every other one. */
export function unless(code: ErrorCode): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof ServiceError && error.code === code)) {
      throw error;
    }
  };
}
