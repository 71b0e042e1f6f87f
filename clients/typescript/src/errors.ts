import { type components } from './generated/schema.js';

export type Problem = components['schemas']['Problem'];
export type ErrorCode = components['schemas']['ErrorCode'];

/** The root of every error that this package throws. An abort throws what its `AbortSignal` says. */
export class CodexError extends Error {
  override name = 'CodexError';
}

/** The server could not be reached, or the connection broke, and trying again did not help. `cause` says how. */
export class ConnectionError extends CodexError {
  override name = 'ConnectionError';
}

/** `run` gave up waiting. The turn goes on. */
export class TurnTimeoutError extends CodexError {
  override name = 'TurnTimeoutError';

  constructor(
    readonly threadId: string,
    readonly turnId: string,
  ) {
    super(`Turn ${turnId} has not ended in time; it goes on.`);
  }
}

/** The server refused. The subclasses tell the statuses apart, `code` the reasons. */
export class ApiError extends CodexError {
  override name = 'ApiError';
  readonly status: number;
  /** One of the closed list in docs/reference/errors.md. */
  readonly code: ErrorCode | 'unknown';
  readonly requestId: string | undefined;
  /** Which fields were wrong, and how. */
  readonly errors: readonly { path: string; message: string }[];
  /** How long to wait before another attempt, in seconds. */
  readonly retryAfterSeconds: number | undefined;
  readonly problem: Partial<Problem>;

  constructor(status: number, problem: Partial<Problem>, retryAfterSeconds?: number) {
    super(problem.detail ?? problem.title ?? `HTTP ${String(status)}`);
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.requestId = problem.request_id;
    this.errors = problem.errors ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
    this.problem = problem;
  }
}

/** 400, 413, 415, 422: the request is wrong, and would be so again. */
export class InvalidRequestError extends ApiError {
  override name = 'InvalidRequestError';
}

/** 401: the token is missing or wrong. */
export class UnauthorizedError extends ApiError {
  override name = 'UnauthorizedError';
}

/** 403: the token is right, but this is not for it. */
export class ForbiddenError extends ApiError {
  override name = 'ForbiddenError';
}

/** 404: there is no such thread, turn, approval or other thing. */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError';
}

/** 409, 410: it is in another state than the request takes it to be. */
export class ConflictError extends ApiError {
  override name = 'ConflictError';
}

/** 429: too much at once. */
export class RateLimitError extends ApiError {
  override name = 'RateLimitError';
}

/** 5xx: the server or the engine failed; a later attempt may succeed. */
export class ServerError extends ApiError {
  override name = 'ServerError';
}

const BY_STATUS: Readonly<Record<number, typeof ApiError>> = {
  400: InvalidRequestError,
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  410: ConflictError,
  413: InvalidRequestError,
  415: InvalidRequestError,
  422: InvalidRequestError,
  429: RateLimitError,
};

/** The error that an answer of 400 or more stands for. Its body is used up. */
export async function toApiError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => ({}));
  const Kind = BY_STATUS[response.status] ?? (response.status >= 500 ? ServerError : ApiError);
  const problem = typeof body === 'object' && body !== null ? body : {};
  return new Kind(response.status, problem, toRetryAfter(response));
}

/** `Retry-After` in seconds, where the answer has one. */
export function toRetryAfter(response: Response): number | undefined {
  const text = response.headers.get('retry-after') ?? '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
