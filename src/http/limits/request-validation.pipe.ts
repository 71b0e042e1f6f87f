import { type ArgumentMetadata, type PipeTransform, type Type } from '@nestjs/common';
import { getMetadataStorage, validateSync, type ValidationError } from 'class-validator';
import { ZodType } from 'zod';
import { type FieldError } from '../../core/errors.js';
import { toInvalidRequest, toUnknownField } from '../validation/invalid-request.js';
import { parseBySchema } from '../validation/parse-by-schema.js';
import { toDto } from '../validation/to-dto.js';

const PLAIN_TYPES: readonly unknown[] = [undefined, String, Object];

/**
 * Checks bodies and queries against their DTO classes, or against the zod schema that `@Body({ schema })` names: what
 * they don't know is refused, what is text in a query is converted where a DTO asks for it. Throws `invalid_request` with a
 * field error for each fault.
 */
export class RequestValidationPipe implements PipeTransform {
  /** Query classes of which an empty query is known to be valid, since that is by far the most usual one. */
  readonly #validWhenEmpty = new WeakSet();

  transform(value: unknown, { metatype, type, schema }: ArgumentMetadata): unknown {
    if (schema instanceof ZodType) {
      return parseBySchema(schema, value);
    }
    // What a decorator of this program injects came from no caller, and may be no plain object.
    if (type === 'custom' || PLAIN_TYPES.includes(metatype) || typeof value !== 'object' || value === null) {
      return value;
    }
    return this.#parse(metatype as Type<object>, type, value);
  }

  #parse(metatype: Type<object>, type: ArgumentMetadata['type'], value: object): object {
    const isEmptyQuery = type === 'query' && Object.keys(value).length === 0;
    if (isEmptyQuery && this.#validWhenEmpty.has(metatype)) {
      return new metatype();
    }
    const dto = parseDto(metatype, value);
    if (isEmptyQuery) {
      this.#validWhenEmpty.add(metatype);
    }
    return dto;
  }
}

function parseDto(type: Type<object>, value: object): object {
  const { dto, faults } = toDto(type, value);
  const errors = validateSync(dto, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false });
  const all = [...faults, ...errors.flatMap((error) => toFieldErrors(error, ''))];
  if (all.length > 0) {
    throw toInvalidRequest(all);
  }
  return dto;
}

/** `input` → `0` → `text` becomes `input[0].text`. */
function toFieldErrors(error: ValidationError, parent: string): FieldError[] {
  const { property, constraints, children = [], target } = error;
  const path =
    /^\d+$/.test(property) && parent !== ''
      ? `${parent}[${property}]`
      : parent === ''
        ? property
        : `${parent}.${property}`;
  const own = toOwnFaults(constraints).map(([rule, message]) =>
    rule === WHITELIST ? toUnknownField(path, fieldsOf(target)) : { path, message: toMessage(rule, message, property) },
  );
  return [...own, ...withoutFollowing(children).flatMap((child) => toFieldErrors(child, path))];
}

/** What the class of an object has rules for. */
function fieldsOf(target: object | undefined): string[] {
  if (target === undefined) {
    return [];
  }
  const rules = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  return [...new Set(rules.map(({ propertyName }) => propertyName))];
}

const WHITELIST = 'whitelistValidation';
const TYPE_RULES = new Set(['isArray', 'isBoolean', 'isInt', 'isNumber', 'isObject', 'isString']);

/** What is of another type is not too long as well. */
function toOwnFaults(constraints: Readonly<Record<string, string>> = {}): [rule: string, message: string][] {
  const faults = Object.entries(constraints);
  const ofType = faults.filter(([rule]) => TYPE_RULES.has(rule));
  return ofType.length > 0 ? ofType : faults;
}

/** Of an object whose `type` is wrong nobody knows which fields it may have. */
function withoutFollowing(children: readonly ValidationError[]): readonly ValidationError[] {
  const isTypeWrong = children.some(
    ({ property, constraints = {} }) => property === 'type' && !(WHITELIST in constraints),
  );
  return isTypeWrong ? children.filter(({ constraints = {} }) => !(WHITELIST in constraints)) : children;
}

/** The path is beside the message, so the name isn't said twice. */
function toMessage(rule: string, message: string, property: string): string {
  if (rule === 'nestedValidation') {
    return 'must be an object';
  }
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
