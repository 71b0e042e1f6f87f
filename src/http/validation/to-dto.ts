import { type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, IS_OPTIONAL } from 'class-validator';
import { type FieldError } from '../../core/errors.js';
import { toUnknownField } from './invalid-request.js';

type Fields = Record<string, unknown>;

/** What became of the value, and what is wrong with it that its validation could not see. */
export interface ReadDto<T> {
  dto: T;
  faults: readonly FieldError[];
}

/**
 * The value as an instance of the class, which is yet to be validated.
 *
 * Four things are done that `class-transformer` leaves open. `null` where a field may be left out is the same as leaving it
 * out, at every level, so that no code behind it meets a `null`. Free-form JSON (metadata, schemas, configuration) is kept as
 * it was sent, where the transformer makes a copy without keys that every object inherits, such as `constructor`. And
 * such keys are told as unknown where they name a field, which the transformer drops in silence. So is a list where one
 * object is wanted, of which it makes a list of objects.
 */
export function toDto<T extends object>(type: Type<T>, value: object): ReadDto<T> {
  const dto = plainToInstance(type, withoutConstructors(value));
  const faults: FieldError[] = [];
  settle(dto as Fields, value as Fields, { path: '', faults });
  return { dto, faults };
}

/** The transformer takes a key `constructor` for the class of an object. The same value where there is none. */
function withoutConstructors<T>(value: T): T {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    const parts = value.map((part: unknown) => withoutConstructors(part));
    return parts.some((part, index) => part !== value[index]) ? (parts as T) : value;
  }
  const entries = Object.entries(value).map(([name, part]) => [name, withoutConstructors(part as unknown)] as const);
  const isSame = entries.every(([name, part]) => name !== 'constructor' && part === (value as Fields)[name]);
  return isSame ? value : (Object.fromEntries(entries.filter(([name]) => name !== 'constructor')) as T);
}

interface Place {
  path: string;
  faults: FieldError[];
}

function settle(dto: Fields, sent: Fields, { path, faults }: Place): void {
  for (const name of Object.keys(sent)) {
    if (!Object.hasOwn(dto, name)) {
      faults.push(toUnknownField(toPath(path, name)));
    }
  }
  const optional = optionalFieldsOf(dto.constructor);
  for (const [name, value] of Object.entries(dto)) {
    if (value === undefined || (value === null && optional.has(name))) {
      // Whoever spreads it must not spread what was left out.
      Reflect.deleteProperty(dto, name);
    } else if (Array.isArray(value) && isOneObject(dto, name)) {
      faults.push({ path: toPath(path, name), message: 'must be an object' });
    } else if (Object.hasOwn(sent, name)) {
      dto[name] = settleValue(value, sent[name], { path: toPath(path, name), faults });
    }
  }
}

function settleValue(value: unknown, sent: unknown, { path, faults }: Place): unknown {
  if (Array.isArray(value)) {
    const parts = value.map((part: unknown, index) =>
      settleValue(part, Array.isArray(sent) ? sent[index] : undefined, { path: `${path}[${String(index)}]`, faults }),
    );
    return parts;
  }
  if (!isObject(value)) {
    return value;
  }
  if (isPlain(value)) {
    return isObject(sent) ? sent : value;
  }
  settle(value, isObject(sent) ? sent : {}, { path, faults });
  return value;
}

/** By the type that TypeScript notes of a property: a class of this program, and neither a list nor free-form. */
function isOneObject(dto: object, name: string): boolean {
  const type: unknown = Reflect.getMetadata('design:type', dto, name);
  return typeof type === 'function' && ![Array, Object, String, Number, Boolean].some((plain) => plain === type);
}

const optionalFields = new WeakMap<object, ReadonlySet<string>>();

function optionalFieldsOf(type: object): ReadonlySet<string> {
  const known = optionalFields.get(type);
  if (known) {
    return known;
  }
  const metadata = getMetadataStorage().getTargetValidationMetadatas(type as () => void, '', false, false);
  const names = new Set(metadata.filter(({ name }) => name === IS_OPTIONAL).map(({ propertyName }) => propertyName));
  optionalFields.set(type, names);
  return names;
}

function toPath(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
