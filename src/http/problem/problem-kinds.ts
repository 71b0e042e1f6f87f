import { type ErrorCode } from '../../core/errors.js';

export interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** The HTTP wire's answer to every code. */
export const PROBLEM_KINDS = {
  invalid_request: { status: 400, title: 'Invalid request' },
  unauthorized: { status: 401, title: 'Unauthorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  not_found: { status: 404, title: 'Not found' },
  thread_not_found: { status: 404, title: 'Thread not found' },
  turn_not_found: { status: 404, title: 'Turn not found' },
  approval_not_found: { status: 404, title: 'Approval not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'Request timeout' },
  conflict: { status: 409, title: 'Conflict' },
  turn_in_progress: { status: 409, title: 'A turn is in progress' },
  turn_not_active: { status: 409, title: 'The turn is not active' },
  version_conflict: { status: 409, title: 'Version conflict' },
  idempotency_conflict: { status: 409, title: 'Idempotency conflict' },
  already_answered: { status: 409, title: 'Already answered' },
  not_logged_in: { status: 409, title: 'Not logged in' },
  gone: { status: 410, title: 'Gone' },
  approval_expired: { status: 410, title: 'The approval has expired' },
  payload_too_large: { status: 413, title: 'Payload too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  unprocessable: { status: 422, title: 'Unprocessable' },
  thread_unreadable: { status: 422, title: 'The thread is unreadable' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  engine_error: { status: 502, title: 'Engine error' },
  engine_unavailable: { status: 503, title: 'Engine unavailable' },
  storage_unavailable: { status: 503, title: 'Storage unavailable' },
  timeout: { status: 504, title: 'Timeout' },
} as const satisfies Record<ErrorCode, ProblemKind>;

/** For errors that know only a status, such as a framework's; those without a row of their own are by their class. */
const CODES_BY_STATUS: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [400, 'invalid_request'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [405, 'method_not_allowed'],
  [408, 'request_timeout'],
  [409, 'conflict'],
  [410, 'gone'],
  [413, 'payload_too_large'],
  [415, 'unsupported_media_type'],
  [422, 'unprocessable'],
  [429, 'rate_limited'],
  [502, 'engine_error'],
  [503, 'engine_unavailable'],
  [504, 'timeout'],
]);

export function toErrorCode(status: number): ErrorCode {
  return CODES_BY_STATUS.get(status) ?? (status >= 400 && status < 500 ? 'invalid_request' : 'internal');
}
