import { z } from 'zod';

interface ConvertedSchema {
  schema: Record<string, unknown>;
  components: Record<string, Record<string, unknown>>;
}

/**
 * A zod schema for the document (JSON Schema 2020-12, which OpenAPI 3.1 takes as it is). What has an `id` in its `meta` is
 * a component of that name, the schema itself included. `undefined` for what is no zod schema.
 */
export function toZodComponents(
  schema: unknown,
  { schemaType }: { schemaType: 'input' | 'output' },
): ConvertedSchema | undefined {
  if (!(schema instanceof z.ZodType)) {
    return undefined;
  }
  const { $defs = {}, ...root } = z.toJSONSchema(schema, { io: schemaType, unrepresentable: 'any' });
  const components = Object.fromEntries(Object.entries($defs).map(([name, definition]) => [name, toPlain(definition)]));
  const { id } = root;
  return typeof id === 'string'
    ? { schema: { $ref: `#/components/schemas/${id}` }, components: { ...components, [id]: toPlain(root) } }
    : { schema: toPlain(root), components };
}

/** Every zod schema of the program that has an `id` in its `meta`, by that name: what a stream's frames are, say. */
export function allZodComponents(): Record<string, object> {
  const uri = (id: string): string => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(z.globalRegistry, { io: 'input', uri, unrepresentable: 'any' });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, toPlain(schema)]));
}

/** A reference to the component that a schema with an `id` is. */
export function zodRef(schema: z.ZodType): { $ref: string } {
  const id = schema.meta()?.id;
  if (id === undefined) {
    throw new Error('A schema needs an id to be referred to.');
  }
  return { $ref: `#/components/schemas/${id}` };
}

/** Without what names the schema itself, which its place in the document says. */
function toPlain(schema: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !['id', '$id', '$schema'].includes(key)));
}
