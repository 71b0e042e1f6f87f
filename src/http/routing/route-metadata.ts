import 'reflect-metadata';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { type Scope } from '../../settings/scopes.js';

const PUBLIC = Symbol('http:public');
const BODY_TYPES = Symbol('http:body-types');
const MAX_BODY_BYTES = Symbol('http:max-body-bytes');
const IDEMPOTENT = Symbol('http:idempotent');
const SCOPE = Symbol('http:scope');
const ANY_BODY = Symbol('http:any-body');
const WEB_SOCKET = Symbol('http:web-socket');
const STREAM = Symbol('http:stream');

/** Opens a route, or all routes of a controller, to callers without a token. Nothing else does. */
export const Public = (): ClassDecorator & MethodDecorator => onHandlers(PUBLIC, true);

/**
 * The route takes bodies of these media types instead of `application/json`. They reach it unread, as a stream, and
 * the route limits them itself.
 */
export const AcceptsBody = (...mediaTypes: string[]): ClassDecorator & MethodDecorator =>
  onHandlers(BODY_TYPES, mediaTypes);

/** Which tokens may use the route. Without it: `read` for what only looks, `write` for the rest. */
export const NeedsScope = (scope: Scope): ClassDecorator & MethodDecorator => onHandlers(SCOPE, scope);

/** A `GET` of the route may ask for a WebSocket; an upgrade that is offered anywhere else is passed over. */
export const AcceptsWebSocket = (): ClassDecorator & MethodDecorator => onHandlers(WEB_SOCKET, true);

/** The route answers with an event stream, or not at all; `@Sse` says so. */
export const StreamRoute = (): ClassDecorator & MethodDecorator => onHandlers(STREAM, true);

/** The route reads no body, and takes any all the same: for older clients that send one for nothing. */
export const IgnoresBody = (): ClassDecorator & MethodDecorator => onHandlers(ANY_BODY, true);

/** The route takes JSON bodies up to this size where the setting is smaller, such as messages with images in them. */
export const MaxBodyBytes = (bytes: number): ClassDecorator & MethodDecorator => onHandlers(MAX_BODY_BYTES, bytes);

/**
 * What becomes of a keyed request that the end of the server cut short, when it is sent again: it is done again, which
 * finds or repeats what was done; or it is refused, since it could neither be found nor repeated without harm.
 */
export type AfterCutShort = 'repeat' | 'refuse';

/** The route honours `Idempotency-Key`; `@Idempotent` says so to the callers too. */
export const IdempotentRoute = (afterCutShort: AfterCutShort): ClassDecorator & MethodDecorator =>
  onHandlers(IDEMPOTENT, afterCutShort);

/** Nest copies a method's metadata to the function it registers, so both forms answer. */
export const isPublicHandler = (handler: object): boolean => Reflect.getMetadata(PUBLIC, handler) === true;

export const isWebSocketHandler = (handler: object): boolean => Reflect.getMetadata(WEB_SOCKET, handler) === true;

export const isStreamHandler = (handler: object): boolean => Reflect.getMetadata(STREAM, handler) === true;

export const isAnyBodyHandler = (handler: object): boolean => Reflect.getMetadata(ANY_BODY, handler) === true;

export const findAfterCutShort = (handler: object): AfterCutShort | undefined =>
  Reflect.getMetadata(IDEMPOTENT, handler) as AfterCutShort | undefined;

/** Whether it is a method of a controller, which Nest calls only when its guards have let the request pass. */
export const isGuardedHandler = (handler: object): boolean => Reflect.hasMetadata(PATH_METADATA, handler);

/** The scope that a token needs for a request of this method. */
export const toRequiredScope = (handler: object, method: string): Scope =>
  (Reflect.getMetadata(SCOPE, handler) as Scope | undefined) ?? (isRead(method) ? 'read' : 'write');

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether requests of this method change nothing and have no body. */
export const isRead = (method: string): boolean => READS.has(method);

export const findBodyTypes = (handler: object): readonly string[] | undefined =>
  Reflect.getMetadata(BODY_TYPES, handler) as readonly string[] | undefined;

export const findMaxBodyBytes = (handler: object): number | undefined =>
  Reflect.getMetadata(MAX_BODY_BYTES, handler) as number | undefined;

/**
 * Kept on the methods only, even when it stands on the class, since only methods are copied by Nest. What a method says for
 * itself counts before what its class says.
 */
function onHandlers(key: symbol, value: unknown): ClassDecorator & MethodDecorator {
  return (target: object, _name?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (descriptor) {
      Reflect.defineMetadata(key, value, descriptor.value as object);
      return;
    }
    for (const own of Object.values(Object.getOwnPropertyDescriptors((target as { prototype: object }).prototype))) {
      // Those of methods have run when that of their class does.
      if (typeof own.value === 'function' && !Reflect.hasMetadata(key, own.value as object)) {
        Reflect.defineMetadata(key, value, own.value as object);
      }
    }
  };
}
