import 'reflect-metadata';

const PUBLIC = Symbol('http:public');
const BODY_TYPES = Symbol('http:body-types');
const IDEMPOTENT = Symbol('http:idempotent');

/**
 * Opens a route, or all routes of a controller, to callers without a token. Nothing else does: every path that isn't
 * declared so is refused before its body is read.
 */
export const Public = (): ClassDecorator & MethodDecorator => onHandlers(PUBLIC, true);

/**
 * The route takes bodies of these media types instead of `application/json`. They reach it unread, as a stream, and
 * the route limits them itself.
 */
export const AcceptsBody = (...mediaTypes: string[]): ClassDecorator & MethodDecorator =>
  onHandlers(BODY_TYPES, mediaTypes);

/** The route honours `Idempotency-Key`; `@Idempotent` says so to the callers too. */
export const IdempotentRoute = (): ClassDecorator & MethodDecorator => onHandlers(IDEMPOTENT, true);

/** Nest copies a method's metadata to the function it registers, so both forms answer. */
export const isPublicHandler = (handler: object): boolean => Reflect.getMetadata(PUBLIC, handler) === true;

export const isIdempotentHandler = (handler: object): boolean => Reflect.getMetadata(IDEMPOTENT, handler) === true;

export const findBodyTypes = (handler: object): readonly string[] | undefined =>
  Reflect.getMetadata(BODY_TYPES, handler) as readonly string[] | undefined;

/** Kept on the methods only, even when it stands on the class, since only methods are copied by Nest. */
function onHandlers(key: symbol, value: unknown): ClassDecorator & MethodDecorator {
  return (target: object, _name?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (descriptor) {
      Reflect.defineMetadata(key, value, descriptor.value as object);
      return;
    }
    for (const own of Object.values(Object.getOwnPropertyDescriptors((target as { prototype: object }).prototype))) {
      if (typeof own.value === 'function') {
        Reflect.defineMetadata(key, value, own.value as object);
      }
    }
  };
}
