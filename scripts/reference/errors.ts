import type { ErrorCode } from '../../src/core/errors.ts';
import type * as ProblemKinds from '../../src/http/problem/problem-kinds.ts';

/** From the built program, whose modules import each other by their built names. */
const { PROBLEM_KINDS } = (await import(
  new URL('../../dist/http/problem/problem-kinds.js', import.meta.url).href
)) as typeof ProblemKinds;

/** When a caller meets a code, and what to do about it. */
const ABOUT: Readonly<Record<ErrorCode, string>> = {
  invalid_request: 'The request is malformed. `errors` names each field at fault. Correct it before you send it again.',
  unauthorized: 'The token is missing, unknown or revoked.',
  forbidden:
    'The token lacks the scope, or the request asks for more than the caller may have: a folder outside the workspace roots, ' +
    'a sandbox or approval policy above the ceiling, a configuration key of the operator. `detail` says which.',
  not_found: 'There is no such resource or route.',
  thread_not_found: 'There is no such thread.',
  turn_not_found: 'There is no such turn in this thread.',
  approval_not_found: 'There is no such approval.',
  method_not_allowed: 'The route exists, but not with this method. `Allow` lists the methods it has.',
  request_timeout: 'The body took too long to arrive. Send it again.',
  conflict:
    'The request does not fit the present state, or the first request with the same `Idempotency-Key` is still under way. ' +
    'With `Retry-After`, send it again after so many seconds.',
  turn_in_progress:
    'The thread is busy. Wait for the turn or interrupt it; a turn submitted with `on_busy: "queue"` waits by itself.',
  turn_not_active: 'The turn is not running, so it cannot be steered or interrupted.',
  version_conflict: 'The configuration has changed since `expected_version`. Read it again.',
  idempotency_conflict: 'The `Idempotency-Key` was used with another request. Use a new key.',
  already_answered: 'Somebody has answered this approval. The first answer counts.',
  not_logged_in: 'The engine has no account. Log in with `POST /api/v2/auth/login` or `codex login`.',
  gone: 'The resource existed and is no longer there.',
  approval_expired: 'Nobody answered in time, so the approval counts as declined.',
  payload_too_large: 'The body or the upload is over the limit.',
  unsupported_media_type: 'The `Content-Type` or `Content-Encoding` is not supported.',
  unprocessable: 'The request is well-formed, but its content cannot be used. `detail` says why.',
  thread_unreadable: "The engine cannot read the thread's file. The thread can still be archived or deleted.",
  rate_limited: 'A limit is reached. Send the request again after `Retry-After` seconds.',
  internal: "Unexpected failure. The server's log has the cause under the `request_id`.",
  engine_error: 'The engine refused the request or failed. `detail` has its message.',
  engine_unavailable: 'The engine is starting or restarting. Send the request again after `Retry-After` seconds.',
  storage_unavailable:
    'Nothing can be stored now, for example because the disk is full. Try again after `Retry-After` seconds.',
  timeout: 'The work did not finish in time.',
};

/** Every error code with its status. */
export function toErrorPage(): string[] {
  return [
    '# Error codes',
    '',
    'Errors are `application/problem+json` (RFC 9457), as [API.md](../../API.md#errors) shows. `code` is one of this closed',
    'list; `type` is `urn:codex-web:problem:` and the code. The dialects send the same failures in the error format of their',
    'own wire: [responses](../dialects/responses.md#errors), [chat](../dialects/chat.md#errors),',
    '[messages](../dialects/messages.md#errors), [bridge](../dialects/bridge.md#errors).',
    '',
    '| status | code | title | |',
    '|---|---|---|---|',
    ...Object.entries(ABOUT).map(([code, about]) => {
      const { status, title } = PROBLEM_KINDS[code as ErrorCode];
      return `| ${String(status)} | \`${code}\` | ${title} | ${about} |`;
    }),
  ];
}
