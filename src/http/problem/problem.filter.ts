import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { ServiceError } from '../../core/errors.js';
import { AnsweredBefore, replay } from '../idempotency/answered-before.js';
import { findRouteMatch } from '../routing/request-route.js';
import { ProblemWriter } from './problem-writer.js';

/** Answers whatever a route, guard, pipe or the router throws. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #problems: ProblemWriter;

  constructor(problems: ProblemWriter) {
    this.#problems = problems;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const req = http.getRequest<Request>();
    if (error instanceof AnsweredBefore) {
      replay(http.getResponse<Response>(), error.answer);
      return;
    }
    this.#problems.write(req, http.getResponse<Response>(), findRouteMatch(req) ? error : toRoutingError(error, req));
  }
}

/** The router's own words name the whole URL, secrets in its query included. */
function toRoutingError(error: unknown, { method }: Request): unknown {
  const isUnknownPath = error instanceof Error && 'status' in error && error.status === 404;
  return isUnknownPath
    ? new ServiceError(
        'not_found',
        `There is nothing at this path to ${method}. The API is at /api/v2, OpenAI's at /v1.`,
      )
    : error;
}
