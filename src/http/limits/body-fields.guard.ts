import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { isAnyBodyHandler } from '../routing/route-metadata.js';
import { toUnknownFields } from '../validation/invalid-request.js';

/**
 * A route that reads no body takes no fields in one: a caller who sends some means something by them, and had better hear
 * that they count for nothing than have it done.
 */
@Injectable()
export class BodyFieldsGuard implements CanActivate {
  readonly #readsBody = new WeakMap<object, boolean>();

  canActivate(context: ExecutionContext): boolean {
    const { body } = context.switchToHttp().getRequest<{ body?: unknown }>();
    const names = typeof body === 'object' && body !== null ? Object.keys(body) : [];
    if (names.length > 0 && !this.#isReader(context)) {
      throw toUnknownFields(names);
    }
    return true;
  }

  #isReader(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    const known =
      this.#readsBody.get(handler) ?? (isAnyBodyHandler(handler) || hasBodyParameter(context.getClass(), handler.name));
    this.#readsBody.set(handler, known);
    return known;
  }
}

/** Nest notes the parameters of a method on its class, by their kind and place: `3:0`. */
function hasBodyParameter(controller: object, method: string): boolean {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as object;
  return Object.keys(parameters).some((key) => key.startsWith(`${String(RouteParamtypes.BODY)}:`));
}
