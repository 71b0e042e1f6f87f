import { Inject, Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { type Logger } from 'pino';
import { IdempotencyDesk, type Operation } from '../../core/idempotency/idempotency-desk.js';
import { type KeptAnswer } from '../../core/idempotency/idempotency-store.js';
import { LOGGER } from '../logging/logger.js';
import { holdAnswer } from './hold-answer.js';
import { toKeyedRequest } from './keyed-request.js';

/** Refusals that the same request would get again. Others depend on the moment, or may have left things half done. */
const LASTING_REFUSALS: readonly number[] = [400, 404, 410, 422];

const operationIds = new WeakMap<Request, string>();

/** For the id of what a request makes, so that its retry after a crash finds it; `undefined` without a key. */
export const findOperationId = (req: Request): string | undefined => operationIds.get(req);

/** Answers a request that was answered before, and keeps the answers of those that it lets pass. */
@Injectable()
export class IdempotencyGate {
  readonly #desk: IdempotencyDesk;
  readonly #logger: Logger;

  constructor(desk: IdempotencyDesk, @Inject(LOGGER) logger: Logger) {
    this.#desk = desk;
    this.#logger = logger;
  }

  /**
   * Whether the request is to go on to its route. The body must have been read, where the gate reads it. Throws
   * `invalid_request`, `idempotency_conflict` and `conflict`.
   */
  async admit(req: Request, res: Response, callerId: string): Promise<boolean> {
    const found = await this.#desk.begin(toKeyedRequest(req, callerId));
    if ('body' in found) {
      replay(res, found);
      return false;
    }
    operationIds.set(req, found.id);
    holdAnswer(res, (answer) => this.#finish(req, found, answer));
    return true;
  }

  /** What was done is done: that its answer can't be kept is no reason not to give it. */
  async #finish(req: Request, operation: Operation, answer: KeptAnswer | null): Promise<void> {
    try {
      await operation.finish(answer && isLasting(req, answer) ? answer : null);
    } catch (error) {
      this.#logger.warn({ err: error, requestId: req.requestId }, 'the answer could not be kept for its key');
    }
  }
}

/** What is refused because it broke off on its way is not refused for what it is. */
function isLasting({ complete }: Request, { status }: KeptAnswer): boolean {
  return (status >= 200 && status < 300) || (complete && LASTING_REFUSALS.includes(status));
}

function replay(res: Response, { status, headers, body }: KeptAnswer): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    res.setHeader(name, value);
  }
  res.setHeader('Idempotent-Replayed', 'true');
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}
