/** Values that fit the engine's JSON Schema, made without chance: sample `n` takes the n-th way at every union. */
export type Schema = true | SchemaObject;

export interface SchemaObject {
  $ref?: string;
  type?: string | string[];
  enum?: string[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | SchemaObject;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}

type Json = unknown;

const MAX_DEPTH = 9;
/** Names and values that a translation would change if it took them for its own. */
const FREE_FORM = { camelCase: 'inProgress', nested: [{ toolName: { inputSchema: true } }], snake_case: 1 };

const SCALARS: Record<string, Json> = { string: 'freeText', integer: 7, number: 7, boolean: true, null: null };

/** As many samples as it takes to go every way of the widest union near the top of the definition. */
export function samplesOf(definitions: Record<string, Schema>, name: string): Json[] {
  const count = Math.max(2, widthOf(definitions, definitions[name]!, 4));
  return Array.from({ length: count }, (_, index) => sample(definitions, definitions[name]!, { index, depth: 0 }));
}

interface Way {
  readonly index: number;
  readonly depth: number;
}

function sample(definitions: Record<string, Schema>, schema: Schema, way: Way): Json {
  if (schema === true) {
    return FREE_FORM;
  }
  if (schema.$ref !== undefined) {
    return sample(definitions, target(definitions, schema.$ref), { ...way, depth: way.depth + 1 });
  }
  if (schema.enum !== undefined) {
    return schema.enum[way.index % schema.enum.length];
  }
  const alternatives = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (alternatives === undefined) {
    return typed(definitions, schema, way);
  }
  const chosen = sample(definitions, pick(alternatives, way), way);
  return schema.properties === undefined
    ? chosen
    : { ...object(definitions, schema, way), ...(chosen as Record<string, Json>) };
}

/** The deeper, the more it ends things: null, where that is offered, is the first to be taken at the bottom. */
function pick<T extends Schema>(alternatives: T[], { index, depth }: Way): T {
  const ending = alternatives.find((alternative) => alternative !== true && alternative.type === 'null');
  return depth >= MAX_DEPTH && ending !== undefined ? ending : alternatives[index % alternatives.length]!;
}

function typed(definitions: Record<string, Schema>, schema: SchemaObject, way: Way): Json {
  const types = [schema.type ?? 'object'].flat();
  const type = way.depth >= MAX_DEPTH && types.includes('null') ? 'null' : types[way.index % types.length]!;
  if (type in SCALARS) {
    return SCALARS[type];
  }
  if (type === 'array') {
    return way.depth >= MAX_DEPTH ? [] : [sample(definitions, schema.items ?? true, way)];
  }
  return schema.properties === undefined && schema.additionalProperties !== undefined
    ? map(definitions, schema.additionalProperties, way)
    : object(definitions, schema, way);
}

function map(definitions: Record<string, Schema>, values: boolean | SchemaObject, way: Way): Json {
  return values === true ? FREE_FORM : values === false ? {} : { freeKey: sample(definitions, values, way) };
}

function object(definitions: Record<string, Schema>, schema: SchemaObject, way: Way): Record<string, Json> {
  const names = Object.keys(schema.properties ?? {});
  const isDeep = way.depth >= MAX_DEPTH;
  return Object.fromEntries(
    names
      .filter((name) => !isDeep || schema.required?.includes(name) === true)
      .map((name) => [name, sample(definitions, schema.properties![name]!, way)]),
  );
}

function widthOf(definitions: Record<string, Schema>, schema: Schema, levels: number): number {
  if (schema === true || levels === 0) {
    return 1;
  }
  if (schema.$ref !== undefined) {
    return widthOf(definitions, target(definitions, schema.$ref), levels - 1);
  }
  const alternatives = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  const children = [...alternatives, ...Object.values(schema.properties ?? {}), schema.items ?? true];
  const widths = children.map((child) => widthOf(definitions, child, levels - 1));
  return Math.max(1, alternatives.length, schema.enum?.length ?? 0, ...widths);
}

function target(definitions: Record<string, Schema>, reference: string): Schema {
  return definitions[reference.replace('#/definitions/', '')]!;
}
