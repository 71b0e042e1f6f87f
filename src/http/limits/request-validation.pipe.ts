import { type ArgumentMetadata, ValidationPipe, type ValidationError } from '@nestjs/common';
import { ZodType } from 'zod';
import { parseBySchema } from '../validation/parse-by-schema.js';
import { type FieldError, ServiceError } from '../../core/errors.js';

const PLAIN_TYPES: readonly unknown[] = [undefined, String, Object];

/**
 * Checks bodies and queries against their DTO classes, or against the zod schema that `@Body({ schema })` names: what they don't know is refused, what is text in a query is
 * converted where a DTO asks for it. Throws `invalid_request` with a field error for each fault.
 */
export class RequestValidationPipe extends ValidationPipe {
  /** Query classes of which an empty query is known to be valid, since that is by far the most usual one. */
  readonly #validWhenEmpty = new WeakSet();

  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      stopAtFirstError: false,
      exceptionFactory: toInvalidRequest,
    });
  }

  /** Answers at once, without a promise, where there is nothing to check. */
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const { metatype, type, schema } = metadata;
    // Nest awaits what a pipe returns, be it a promise or not; its own type says promise.
    const now = (result: unknown): Promise<unknown> => result as Promise<unknown>;
    if (schema instanceof ZodType) {
      return now(parseBySchema(schema, value));
    }
    // What a decorator of this program injects came from no caller, and may be no plain object.
    if (type === 'custom' || PLAIN_TYPES.includes(metatype)) {
      return now(value);
    }
    if (type !== 'query' || !metatype || !isEmpty(value)) {
      return this.#transformGiven(value, metadata);
    }
    if (this.#validWhenEmpty.has(metatype)) {
      return now(new metatype());
    }
    return this.#transformEmpty(value, metadata, metatype);
  }

  async #transformGiven(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return withoutUnset(await super.transform(value, metadata));
  }

  async #transformEmpty(value: unknown, metadata: ArgumentMetadata, metatype: object): Promise<unknown> {
    const result: unknown = await super.transform(value, metadata);
    this.#validWhenEmpty.add(metatype);
    return result;
  }
}

/** A DTO has all of its fields as own properties, set or not; whoever spreads it must not spread those left out. */
function withoutUnset(dto: unknown): unknown {
  if (typeof dto !== 'object' || dto === null || Array.isArray(dto)) {
    return dto;
  }
  const given = Object.entries(dto).filter(([, value]) => value !== undefined);
  return Object.assign(Object.create(Object.getPrototypeOf(dto) as object) as object, Object.fromEntries(given));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function toInvalidRequest(errors: ValidationError[]): ServiceError {
  const fields = errors.flatMap((error) => toFieldErrors(error, ''));
  const [first] = fields;
  const rest = fields.length > 1 ? ` (and ${String(fields.length - 1)} more)` : '';
  const what = first ? `${first.path}: ${first.message}${rest}` : 'it does not have the expected form';
  return new ServiceError('invalid_request', `The request is not valid: ${what}.`, { fields });
}

/** `input` → `0` → `text` becomes `input[0].text`. */
function toFieldErrors({ property, constraints, children }: ValidationError, parent: string): FieldError[] {
  const path =
    /^\d+$/.test(property) && parent !== ''
      ? `${parent}[${property}]`
      : parent === ''
        ? property
        : `${parent}.${property}`;
  const own = Object.entries(constraints ?? {}).map(([rule, message]) => ({
    path,
    message: toMessage(rule, message, property),
  }));
  return [...own, ...(children ?? []).flatMap((child) => toFieldErrors(child, path))];
}

/** The path is beside the message, so the name isn't said twice. */
function toMessage(rule: string, message: string, property: string): string {
  if (rule === 'whitelistValidation') {
    return 'is not known here';
  }
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
