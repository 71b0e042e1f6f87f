import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { HTTP_OPTIONS, type HttpOptions } from '../http-options.js';
import { KeyedAnswers } from '../idempotency/keyed-answers.js';
import { hasBody, isOwnBody, readJsonBody } from '../limits/body.js';
import { BufferBudget } from '../limits/buffer-budget.js';
import { RateLimits } from '../limits/rate-limits.js';
import { findAfterCutShort, findBodyTypes, findMaxBodyBytes, isRead } from '../routing/route-metadata.js';

/**
 * Admits authorised requests that may change something: counts them, reads their body and looks up their idempotency key. Must
 * run after the `BearerGuard`, so that no body is buffered and no stored answer replayed for callers without access. Throws what
 * `readJsonBody` and `KeyedAnswers` throw, and `rate_limited`.
 */
@Injectable()
export class WriteGuard implements CanActivate {
  readonly #maxBodyBytes: number;
  readonly #timeoutMs: number;

  constructor(
    @Inject(HTTP_OPTIONS) { settings }: HttpOptions,
    private readonly limits: RateLimits,
    private readonly budget: BufferBudget,
    private readonly answers: KeyedAnswers,
  ) {
    this.#maxBodyBytes = settings.maxBodyBytes;
    this.#timeoutMs = settings.bodyTimeoutMs;
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const http = context.switchToHttp();
    const req = http.getRequest<Request>();
    return isRead(req.method) || this.#admit(req, http.getResponse<Response>(), context.getHandler());
  }

  async #admit(req: Request, res: Response, handler: object): Promise<true> {
    await this.limits.countRequest(req, res);
    if (!hasBody(req)) {
      req.body = {};
    } else if (!isOwnBody(req, findBodyTypes(handler))) {
      req.body = await this.#readBody(req, res, findMaxBodyBytes(handler) ?? 0);
    }
    const afterCutShort = req.headers['idempotency-key'] === undefined ? undefined : findAfterCutShort(handler);
    if (afterCutShort && req.caller) {
      await this.answers.begin(req, res, { callerId: req.caller.id, isUnrepeatable: afterCutShort === 'refuse' });
    }
    return true;
  }

  #readBody(req: Request, res: Response, maxRouteBytes: number): Promise<Record<string, unknown>> {
    const maxBytes = Math.min(Math.max(this.#maxBodyBytes, maxRouteBytes), this.budget.largestBytes);
    const share = this.budget.open(req.caller?.id ?? '');
    // Express keeps the body for as long as the request is there.
    res.once('close', () => {
      share.close();
    });
    return readJsonBody(req, { maxBytes, timeoutMs: this.#timeoutMs, share });
  }
}
