import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** JSON Schema draft-07, as far as the engine uses it. `true` is any JSON. */
export type Schema = true | SchemaObject;

export interface SchemaObject {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | SchemaObject;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly format?: string;
  readonly minimum?: number;
  readonly minLength?: number;
}

export type Definitions = ReadonlyMap<string, Schema>;

const REF_PREFIX = '#/definitions/';
const KNOWN_KEYWORDS = new Set(
  (
    '$ref title description type enum default properties required additionalProperties items oneOf anyOf allOf ' +
    'format minimum minLength'
  ).split(' '),
);

/**
 * All definitions of the engine's bundle in one flat, sorted namespace. The bundle keeps some at its root and the
 * rest under `v2`; one name may stand in both only if both say the same. Throws on a keyword that the generator
 * doesn't know, because a silently skipped one would be a wrong translation.
 */
export function readDefinitions(jsonFolder: string): Definitions {
  const path = join(jsonFolder, 'codex_app_server_protocol.schemas.json');
  const bundle = JSON.parse(readFileSync(path, 'utf8')) as {
    definitions: Record<string, SchemaObject> & { v2: Record<string, SchemaObject> };
  };
  const { v2, ...root } = bundle.definitions;
  const merged = new Map<string, Schema>();
  for (const [name, raw] of [...Object.entries(root), ...Object.entries(v2)]) {
    const schema = normalised(raw, name, { isTop: true });
    const known = merged.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`The engine has two different definitions named ${name}; decide which is which in schema.ts.`);
    }
    merged.set(name, schema);
  }
  const sorted = new Map([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const [name, schema] of sorted) {
    forEachReference(schema, (target) => {
      if (!sorted.has(target)) {
        throw new Error(`${name} refers to ${target}, which the engine's schema does not define.`);
      }
    });
  }
  return sorted;
}

export function requireDefinition(definitions: Definitions, name: string): SchemaObject {
  const schema = definitions.get(name);
  if (schema === undefined || schema === true) {
    throw new Error(`The engine's schema does not define ${name}.`);
  }
  return schema;
}

export function referenceOf(schema: Schema): string | undefined {
  return schema === true ? undefined : schema.$ref?.slice(REF_PREFIX.length);
}

/** The schema that a reference, or an `allOf` around a single one, stands for. */
export function resolved(definitions: Definitions, schema: Schema): Schema {
  const target = referenceOf(schema);
  if (target !== undefined) {
    return resolved(definitions, requireDefinition(definitions, target));
  }
  return schema !== true && schema.allOf?.length === 1 && schema.properties === undefined
    ? resolved(definitions, schema.allOf[0] ?? true)
    : schema;
}

export function isNull(schema: Schema): boolean {
  return schema !== true && schema.type === 'null';
}

/** The alternatives of `oneOf` and `anyOf` without `null`. */
export function alternativesOf(schema: SchemaObject): readonly Schema[] {
  return [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].filter((alternative) => !isNull(alternative));
}

export function typesOf(schema: SchemaObject): readonly string[] {
  return schema.type === undefined ? [] : [schema.type].flat();
}

/** The names of all definitions that these reach, themselves included, sorted. */
export function reachableFrom(definitions: Definitions, roots: Iterable<string>): string[] {
  const reached = new Set<string>();
  const pending = [...roots];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (!reached.has(name)) {
      reached.add(name);
      forEachReference(requireDefinition(definitions, name), (target) => pending.push(target));
    }
  }
  return [...reached].sort();
}

function forEachReference(schema: Schema, visit: (target: string) => void): void {
  JSON.stringify(schema, (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string') {
      visit(value.slice(REF_PREFIX.length));
    }
    return value;
  });
}

function normalised(schema: Schema, path: string, { isTop = false } = {}): Schema {
  if (schema === true) {
    return true;
  }
  const entries = Object.entries(schema)
    .filter(([keyword]) => keyword !== '$schema' && !(isTop && keyword === 'title'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([keyword, value]) => [keyword, normalisedKeyword(keyword, value, path)] as const);
  return Object.fromEntries(entries);
}

function normalisedKeyword(keyword: string, value: unknown, path: string): unknown {
  if (!KNOWN_KEYWORDS.has(keyword)) {
    throw new Error(`The generator doesn't know the JSON Schema keyword ${keyword} at ${path}.`);
  }
  switch (keyword) {
    case '$ref':
      return (value as string).replace(`${REF_PREFIX}v2/`, REF_PREFIX);
    case 'properties':
      return mapValues(value as Record<string, Schema>, (child, key) => normalised(child, `${path}.${key}`));
    case 'oneOf':
    case 'anyOf':
    case 'allOf':
      return (value as Schema[]).map((child, index) => normalised(child, `${path}|${String(index)}`));
    case 'items':
    case 'additionalProperties':
      return value === false ? false : normalised(value as Schema, `${path}.*`);
    default:
      return value;
  }
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, to: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value, key)]));
}
