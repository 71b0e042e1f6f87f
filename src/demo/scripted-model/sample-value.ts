type Schema = Readonly<Record<string, unknown>>;

/**
 * The least value that a simple JSON schema allows: const, default, the first of enum, examples or a union, every
 * property that is declared, and bounds of numbers, strings and arrays. `$ref` is followed inside the schema, and a
 * schema that refers to itself ends in null. Patterns, formats and conditions are not looked at.
 */
export function toSampleValue(schema: unknown): unknown {
  return sample(toSchema(schema), { root: toSchema(schema), depth: 0 });
}

interface Context {
  root: Schema;
  depth: number;
}

const maxDepth = 32;

function sample(schema: Schema, context: Context): unknown {
  if (context.depth > maxDepth) {
    return null;
  }
  const inner = { ...context, depth: context.depth + 1 };
  const given = ['const', 'default'].find((key) => key in schema);
  if (given !== undefined) {
    return schema[given];
  }
  const listed = [schema.enum, schema.examples].find((values) => Array.isArray(values) && values.length > 0);
  if (listed !== undefined) {
    return (listed as unknown[])[0];
  }
  const next = findNested(schema, context.root);
  return next ? sample(next, inner) : sampleByType(schema, inner);
}

function findNested(schema: Schema, root: Schema): Schema | undefined {
  if (typeof schema.$ref === 'string') {
    const path = schema.$ref.replace(/^#\/?/, '').split('/').filter(Boolean);
    return path.reduce<Schema>((found, key) => toSchema(found[key.replaceAll('~1', '/').replaceAll('~0', '~')]), root);
  }
  if (Array.isArray(schema.allOf)) {
    const { allOf, ...rest } = schema;
    return (allOf as unknown[]).map(toSchema).reduce((merged, part) => mergeSchemas(merged, part), rest);
  }
  const union = [schema.anyOf, schema.oneOf].find(Array.isArray) as unknown[] | undefined;
  return union && union.length > 0 ? toSchema(union[0]) : undefined;
}

function mergeSchemas(left: Schema, right: Schema): Schema {
  return { ...left, ...right, properties: { ...toSchema(left.properties), ...toSchema(right.properties) } };
}

function sampleByType(schema: Schema, context: Context): unknown {
  switch (toType(schema)) {
    case 'object':
      return Object.fromEntries(
        Object.entries(toSchema(schema.properties)).map(([key, value]) => [key, sample(toSchema(value), context)]),
      );
    case 'array':
      return Array.from({ length: toNumber(schema.minItems) ?? 0 }, () => sample(toSchema(schema.items), context));
    case 'string':
      return 'x'.repeat(toNumber(schema.minLength) ?? 0);
    case 'integer':
    case 'number':
      return sampleNumber(schema);
    case 'boolean':
      return false;
    default:
      return null;
  }
}

function toType(schema: Schema): unknown {
  const { type } = schema;
  const first: unknown = Array.isArray(type) ? type[0] : type;
  return first ?? ('properties' in schema ? 'object' : undefined);
}

function sampleNumber(schema: Schema): number {
  const above = toNumber(schema.exclusiveMinimum);
  const least = toNumber(schema.minimum) ?? (above === undefined ? -Infinity : above + 1);
  return Math.max(least, Math.min(0, toNumber(schema.maximum) ?? 0));
}

function toNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function toSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {};
}
