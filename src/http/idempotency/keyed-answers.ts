import { Inject, Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { type Logger } from 'pino';
import { IdempotencyService, type Operation } from '../../core/idempotency/idempotency-service.js';
import { type KeptAnswer } from '../../core/idempotency/idempotency-store.js';
import { type OperationRef } from '../../core/idempotency/operation-ref.js';
import { LOGGER } from '../logging/logger.js';
import { AnsweredBefore } from './answered-before.js';
import { holdAnswer } from './hold-answer.js';
import { type KeyedRoute, toKeyedRequest } from './keyed-request.js';

/** Refusals that the same request would get again. Others depend on the moment, or may have left things half done. */
const LASTING_REFUSALS: readonly number[] = [400, 404, 410, 422];

/** After these it may have been done: what must not be done twice is answered so again. */
const UNKNOWN_OUTCOMES: readonly number[] = [500, 502, 504];

const operations = new WeakMap<Request, Operation>();

/** For the id of what a request makes, so that its retry after a crash finds it; `undefined` without a key. */
export const findOperationId = (req: Request): string | undefined => operations.get(req)?.id;

/** The same, and whether it may have been done in part already. */
export const findOperation = (req: Request): OperationRef | undefined => operations.get(req);

/**
 * To be called by a route that reads its body itself, before it does anything with it: `content` stands for all of the
 * body that counts. Throws `AnsweredBefore`, for the filter to answer, and `idempotency_conflict`.
 */
export async function identifyContent(req: Request, content: string): Promise<void> {
  const answer = await operations.get(req)?.identify(content);
  if (answer) {
    throw new AnsweredBefore(answer);
  }
}

/** Answers a request that was answered before, and keeps the answers of those that it lets pass. */
@Injectable()
export class KeyedAnswers {
  readonly #service: IdempotencyService;
  readonly #logger: Logger;

  constructor(service: IdempotencyService, @Inject(LOGGER) logger: Logger) {
    this.#service = service;
    this.#logger = logger;
  }

  /**
   * Begins a keyed request, whose body must have been read unless its route reads it. Throws `AnsweredBefore`, for the
   * filter to answer, and `invalid_request`, `idempotency_conflict`, `conflict`.
   */
  async begin(req: Request, res: Response, route: KeyedRoute): Promise<void> {
    const found = await this.#service.begin(toKeyedRequest(req, route));
    if ('body' in found) {
      throw new AnsweredBefore(found);
    }
    operations.set(req, found);
    const lasting = route.isUnrepeatable ? [...LASTING_REFUSALS, ...UNKNOWN_OUTCOMES] : LASTING_REFUSALS;
    holdAnswer(res, (answer) => this.#finish(req, found, answer && isLasting(req, answer, lasting) ? answer : null));
  }

  /** What was done is done: that its answer can't be kept is no reason not to give it. */
  async #finish(req: Request, operation: Operation, answer: KeptAnswer | null): Promise<void> {
    try {
      await operation.finish(answer);
    } catch (error) {
      this.#logger.warn({ err: error, requestId: req.requestId }, 'the answer could not be kept for its key');
    }
  }
}

/** What is refused because it broke off on its way is not refused for what it is. */
function isLasting({ complete }: Request, { status }: KeptAnswer, refusals: readonly number[]): boolean {
  return (status >= 200 && status < 300) || (complete && refusals.includes(status));
}
