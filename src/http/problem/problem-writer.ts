import { Inject, Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { type Logger } from 'pino';
import { type ServiceError } from '../../core/errors.js';
import { ErrorShapes } from '../dialects/error-shapes.js';
import { LOGGER } from '../logging/logger.js';
import { pathOf } from '../routing/request-route.js';
import { isCutOff, markCutOff } from './cut-off.js';
import { PROBLEM_TYPE, toProblem } from './problem.js';
import { toServiceError } from './to-service-error.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** An upload this long isn't read to its end only to answer that it was refused. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;

/** The one way in which a failed request is answered, whoever noticed it. */
@Injectable()
export class ProblemWriter {
  readonly #logger: Logger;
  readonly #shapes: ErrorShapes;

  constructor(@Inject(LOGGER) logger: Logger, shapes: ErrorShapes) {
    this.#logger = logger;
    this.#shapes = shapes;
  }

  /** Answers with the problem, and logs what isn't the caller's doing. Once an answer has begun, it is cut off. */
  write(req: Request, res: Response, cause: unknown): void {
    if (isCutOff(res)) {
      return;
    }
    const error = toServiceError(cause);
    if (error.code === 'internal') {
      this.#logger.error({ err: error.cause ?? error, requestId: req.requestId }, 'unexpected error');
    } else if (error.cause !== undefined) {
      this.#logger.debug({ err: error.cause, requestId: req.requestId, code: error.code }, error.message);
    }
    if (res.headersSent) {
      // An end without the promised bytes would look like a whole answer.
      if (!res.writableEnded) {
        res.destroy();
      }
      return;
    }
    send(req, res, error, this.#toText(req, error));
  }

  /** The same for a request that its route is still at work on: what that says later is not sent. Its connection ends. */
  cutOff(req: Request, res: Response, error: ServiceError): void {
    res.shouldKeepAlive = false;
    this.write(req, res, error);
    markCutOff(res);
  }

  #toText({ originalUrl, requestId }: Request, error: ServiceError): ErrorText {
    const path = pathOf(originalUrl);
    const shape = this.#shapes.find(path);
    if (shape) {
      const { status, body } = shape.toAnswer(error, { path, requestId });
      return { status, type: JSON_TYPE, text: JSON.stringify(body) };
    }
    const problem = toProblem(error, path, requestId);
    return { status: problem.status, type: PROBLEM_TYPE, text: JSON.stringify(problem) };
  }
}

interface ErrorText {
  status: number;
  type: string;
  text: string;
}

function send(req: Request, res: Response, error: ServiceError, { status, type, text }: ErrorText): void {
  // A handler may have set these for the answer that it meant to give.
  res.removeHeader('Content-Encoding');
  res.removeHeader('Content-Disposition');
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', Buffer.byteLength(text));
  if (error.retryAfterSeconds !== undefined) {
    res.setHeader('Retry-After', Math.max(1, Math.ceil(error.retryAfterSeconds)));
  }
  if (error.code === 'unauthorized' && !res.hasHeader('WWW-Authenticate')) {
    res.setHeader('WWW-Authenticate', 'Bearer realm="codex-web-server"');
  }
  if (error.code === 'request_timeout' || isTooLongToDiscard(req)) {
    res.setHeader('Connection', 'close');
  }
  res.statusCode = status;
  res.end(text);
}

function isTooLongToDiscard({ complete, headers }: Request): boolean {
  return !complete && Number(headers['content-length'] ?? 0) > MAX_DISCARDED_BYTES;
}
