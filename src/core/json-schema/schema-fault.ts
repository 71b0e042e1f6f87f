import { type FieldError } from '../errors.js';

const TYPES: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

const MAX_DEPTH = 64;

type Schema = Readonly<Record<string, unknown>>;
type Check = (value: unknown, path: string, depth: number) => FieldError | undefined;

/** By keyword, what its value must be. Keywords that are not here are annotations, or mean nothing to a model. */
const KEYWORDS: Readonly<Record<string, Check>> = {
  type: (value, path) => {
    const isFine = Array.isArray(value) ? value.length > 0 && value.every((one) => TYPES.has(one)) : TYPES.has(value);
    return isFine ? undefined : { path, message: `must be one of ${[...TYPES].join(', ')}, or a list of these` };
  },
  properties: checkSchemas,
  patternProperties: checkSchemas,
  $defs: checkSchemas,
  definitions: checkSchemas,
  items: (value, path, depth) =>
    Array.isArray(value) ? checkList(value, path, depth) : checkSchema(value, path, depth),
  prefixItems: checkList,
  anyOf: checkList,
  oneOf: checkList,
  allOf: checkList,
  not: checkSchema,
  additionalProperties: checkSchema,
  required: (value, path) =>
    Array.isArray(value) && value.every((name) => typeof name === 'string')
      ? undefined
      : { path, message: 'must be a list of names' },
  enum: (value, path) => (Array.isArray(value) ? undefined : { path, message: 'must be a list of values' }),
  $ref: (value, path) => (typeof value === 'string' ? undefined : { path, message: 'must be a string' }),
};

/**
 * The first thing in the value by which it is no JSON Schema (draft 2020-12, as far as models are given it); `undefined`
 * when there is none. The path is within the schema: `properties.a.type`.
 */
export function schemaFault(schema: unknown): FieldError | undefined {
  return checkSchema(schema, '', 0);
}

function checkSchema(value: unknown, path: string, depth: number): FieldError | undefined {
  if (typeof value === 'boolean' && depth > 0) {
    return undefined;
  }
  if (!isObject(value)) {
    return { path, message: 'must be a JSON Schema object' };
  }
  if (depth > MAX_DEPTH) {
    return { path, message: `is nested deeper than ${String(MAX_DEPTH)} levels` };
  }
  for (const [keyword, content] of Object.entries(value)) {
    const check = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
    const fault = check?.(content, path === '' ? keyword : `${path}.${keyword}`, depth + 1);
    if (fault) {
      return fault;
    }
  }
  return undefined;
}

function checkSchemas(value: unknown, path: string, depth: number): FieldError | undefined {
  if (!isObject(value)) {
    return { path, message: 'must be an object of schemas' };
  }
  return firstFault(Object.entries(value), ([name, schema]) => checkSchema(schema, `${path}.${name}`, depth + 1));
}

function checkList(value: unknown, path: string, depth: number): FieldError | undefined {
  if (!Array.isArray(value)) {
    return { path, message: 'must be a list of schemas' };
  }
  const entries = (value as unknown[]).map((schema, index) => [schema, index] as const);
  return firstFault(entries, ([schema, index]) => checkSchema(schema, `${path}[${String(index)}]`, depth + 1));
}

function firstFault<T>(entries: readonly T[], check: (entry: T) => FieldError | undefined): FieldError | undefined {
  for (const entry of entries) {
    const fault = check(entry);
    if (fault) {
      return fault;
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
