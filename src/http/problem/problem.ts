import { type ServiceError } from '../../core/errors.js';
import { type View } from '../view.js';
import { type ProblemDto } from './problem.views.js';
import { PROBLEM_KINDS } from './problem-kinds.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The body of RFC 9457, with `error` beside it for clients that read only that. */
export function toProblem(error: ServiceError, instance: string, requestId: string): View<ProblemDto> {
  const { code, message, fields } = error;
  const { status, title } = PROBLEM_KINDS[code];
  return {
    type: `urn:codex-web:problem:${code}`,
    title,
    status,
    detail: message,
    instance,
    code,
    request_id: requestId,
    ...(fields.length > 0 && { errors: fields }),
    error: { code, message },
  };
}
