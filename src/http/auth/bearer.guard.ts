import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type Request } from 'express';
import { ServiceError } from '../../core/errors.js';
import { isPublicHandler } from '../routing/route-metadata.js';

/** The second look: a route that isn't public never runs without a caller, even if the gate before it were passed by. */
@Injectable()
export class BearerGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { caller } = context.switchToHttp().getRequest<Partial<Request>>();
    if (!caller && !isPublicHandler(context.getHandler())) {
      throw new ServiceError(
        'unauthorized',
        'Send the token of this server in the header "Authorization: Bearer <token>".',
      );
    }
    return true;
  }
}
