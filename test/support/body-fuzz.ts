import { type Json } from './start-app.js';

export interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}

export interface Mutation {
  /** Which field, and what was put there. */
  name: string;
  body: Json;
}

type Path = readonly (string | number)[];

const MAX_DEPTH = 4;
/** Coprime to the number of values, so that fields side by side get different ones. */
const VALUES_BELOW = 2;
const MEGABYTE = 1_000_000;

const deep = Array.from({ length: 50 }).reduce<unknown>((inner) => [inner], 1);

/** What a field is tried with: name → value. */
const VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ['null', null],
  ['a number', 5],
  ['a large number', 1e300],
  ['a negative number', -1],
  ['a boolean', true],
  ['an empty text', ''],
  ['a text', 'x'],
  ['an empty list', []],
  ['an empty object', {}],
  ['a list of null', [null]],
  ['an object of null', { a: null }],
  ['a deep list', deep],
  ['half of a pair', 'say: \ud83d'],
  ['a NUL', 'a\0b'],
  ['separators and marks', '\u2028\u2029\u202e\u200f'],
];

/**
 * Each field of the schema with each value, in a body that is valid but for that, and fields that nobody knows. Fields
 * below others get a few values each, by turns, so that there are not more than can be tried.
 *
 * @param perField how many values a field of the body itself gets, by turns too
 */
export function toMutations(
  schema: Schema,
  example: Json,
  { schemas, perField = VALUES.length }: { schemas: Readonly<Record<string, Schema>>; perField?: number },
): Mutation[] {
  const unknown = ['wibble', 'toString', 'constructor'].map((name): Mutation => {
    return { name: `an unknown ${name}`, body: { ...example, [name]: 1 } };
  });
  const known = pathsOf(schema, schemas).flatMap((path, index) =>
    valuesFor(index, path.length === 1 ? perField : VALUES_BELOW).map(([name, value]): Mutation => {
      return { name: `${path.join('.')}: ${name}`, body: withValue(example, path, value) as Json };
    }),
  );
  return [...unknown, ...known, { name: 'a megabyte', body: withMegabyte(schema, example, schemas) }];
}

function withMegabyte(schema: Schema, example: Json, schemas: Readonly<Record<string, Schema>>): Json {
  const [first = ['wibble']] = pathsOf(schema, schemas);
  return withValue(example, first, 'x'.repeat(MEGABYTE)) as Json;
}

function valuesFor(index: number, count: number): (readonly [name: string, value: unknown])[] {
  return Array.from({ length: count }, (_, turn) => VALUES[(index * count + turn) % VALUES.length] ?? ['null', null]);
}

/** Of all fields, also of those below others and of the alternatives that there are, each once. */
function pathsOf(root: Schema, schemas: Readonly<Record<string, Schema>>): Path[] {
  const found = new Map<string, Path>();
  const visit = (schema: Schema, path: Path): void => {
    const { properties = {}, items } = schema;
    for (const part of partsOf(schema, schemas)) {
      visitOnce(part, path);
    }
    if (path.length < MAX_DEPTH) {
      for (const [name, property] of Object.entries(properties)) {
        found.set([...path, name].join('.'), [...path, name]);
        visitOnce(property, [...path, name]);
      }
      if (items && path.length > 0) {
        visitOnce(items, [...path, 0]);
      }
    }
  };
  const seen = new Set<string>();
  const visitOnce = (schema: Schema, path: Path): void => {
    const key = `${path.join('.')} ${JSON.stringify(schema).slice(0, 200)}`;
    if (!seen.has(key)) {
      seen.add(key);
      visit(schema, path);
    }
  };
  visitOnce(root, []);
  return [...found.values()];
}

/** What the schema refers to, and what it is put together of. */
function partsOf(schema: Schema, schemas: Readonly<Record<string, Schema>>): Schema[] {
  const { $ref, oneOf = [], anyOf = [], allOf = [] } = schema;
  const target = $ref === undefined ? undefined : schemas[$ref.split('/').at(-1) ?? ''];
  return [...(target ? [target] : []), ...oneOf, ...anyOf, ...allOf];
}

function withValue(body: unknown, [head, ...rest]: Path, value: unknown): unknown {
  if (head === undefined) {
    return value;
  }
  if (typeof head === 'number') {
    const list: readonly unknown[] = Array.isArray(body) ? body : [];
    return [withValue(list[head], rest, value), ...list.slice(1)];
  }
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Json) : {};
  return { ...fields, [head]: withValue(fields[head], rest, value) };
}
