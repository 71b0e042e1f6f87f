import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { RateLimits } from '../limits/rate-limits.js';
import { isPublicHandler, toRequiredScope } from '../routing/route-metadata.js';
import { requireScope } from './require-scope.js';
import { toUnauthorized } from './to-unauthorized.js';

/**
 * Authorises requests by the metadata of their route: `@Public()` routes are open to all, the others to tokens with the scope
 * of the route (`@NeedsScope()`). The gate has authenticated the caller; nothing else decides about access. Throws
 * `unauthorized` and `forbidden`, and `rate_limited` when a client without a valid token tries too often.
 */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(private readonly limits: RateLimits) {}

  canActivate(context: ExecutionContext): boolean | Promise<never> {
    const handler = context.getHandler();
    if (isPublicHandler(handler)) {
      return true;
    }
    const http = context.switchToHttp();
    const [req, res] = [http.getRequest<Request>(), http.getResponse<Response>()];
    if (!req.caller) {
      return this.#refuse(req, res);
    }
    requireScope(req.caller, toRequiredScope(handler, req.method), res);
    return true;
  }

  async #refuse(req: Request, res: Response): Promise<never> {
    const error = toUnauthorized(req, res);
    await this.limits.countStranger(res, req.socket.remoteAddress);
    throw error;
  }
}
