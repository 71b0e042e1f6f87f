import { type OpenAPIObject } from '@nestjs/swagger';

type Node = Readonly<Record<string, unknown>>;

const SCHEMA_REF = /"#\/components\/schemas\/(\w+)"/g;

/** The document as generators of clients read it best: the same meaning, without detours and without what nothing uses. */
export function tidyDocument(document: OpenAPIObject): OpenAPIObject {
  const plain = toPlain(document) as OpenAPIObject;
  return withPlainNames({ ...plain, components: { ...plain.components, schemas: usedSchemas(plain) } });
}

/** `ThreadDto` is a class here, but a `Thread` to whoever reads the document. */
function withPlainNames(document: OpenAPIObject): OpenAPIObject {
  const { schemas = {}, ...others } = document.components ?? {};
  const named = Object.entries(schemas).map(([name, schema]) => [toPlainName(name), schema] as const);
  const whole = { ...document, components: { ...others, schemas: Object.fromEntries(named) } };
  const text = JSON.stringify(whole).replaceAll(SCHEMA_REF, (_, name: string) => {
    return `"#/components/schemas/${toPlainName(name)}"`;
  });
  return JSON.parse(text) as OpenAPIObject;
}

function toPlainName(name: string): string {
  return name.replace(/Dto$/, '');
}

function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(toPlain);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const node = withoutShared(withoutSingleAllOf(value as Node));
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, toPlain(child)]));
}

/**
 * `allOf` of one reference, which an OpenAPI 3.0 needed beside a description, becomes the reference itself. Generators take
 * an `allOf` for inheritance, and cut the discriminator off the variants of a union below it.
 */
function withoutSingleAllOf(node: Node): Node {
  const { allOf, ...rest } = node;
  return Array.isArray(allOf) && allOf.length === 1 ? { ...(allOf[0] as Node), ...rest } : node;
}

/** Properties beside alternatives are given to each of them: generators take them for one more alternative. */
function withoutShared(node: Node): Node {
  const { anyOf, properties, required, type, ...rest } = node;
  if (!Array.isArray(anyOf) || properties === undefined || !anyOf.every(isPlainObject)) {
    return node;
  }
  const shared = (required ?? []) as readonly string[];
  const alternatives = anyOf.map((alternative) => ({
    ...alternative,
    type,
    properties: { ...(properties as Node), ...alternative.properties },
    required: [...shared, ...(alternative.required ?? [])],
  }));
  return { ...rest, anyOf: alternatives };
}

function isPlainObject(schema: Node): schema is Node & { properties: Node; required?: readonly string[] } {
  return typeof schema.properties === 'object';
}

/** The engine's protocol has schemas for more than this service speaks of. */
function usedSchemas({
  paths,
  components,
}: OpenAPIObject): NonNullable<NonNullable<OpenAPIObject['components']>['schemas']> {
  const { schemas = {}, ...others } = components ?? {};
  const used = new Set<string>();
  const pending = refsIn([paths, others]);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (!used.has(name)) {
      used.add(name);
      pending.push(...refsIn(schemas[name]));
    }
  }
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
}

function refsIn(value: unknown): string[] {
  return [...JSON.stringify(value ?? null).matchAll(SCHEMA_REF)].map(([, name]) => name ?? '');
}
