import { type OpenAPIObject } from '@nestjs/swagger';

interface Schema {
  $ref?: string;
  type?: string | readonly string[];
  enum?: readonly unknown[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  items?: Schema;
  oneOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  [key: string]: unknown;
}

interface Body {
  required?: boolean;
  content: Readonly<Record<string, { schema?: Schema }>>;
}

const REF = '#/components/schemas/';

/**
 * What `RequestValidationPipe` does, said in the document: a body without required fields may be left out, and `null`
 * stands for a field that is left out. In a PATCH it does not, since it could be read as taking a value away. Changes the
 * document.
 */
export function sayWhatMayBeLeftOut({ paths, components }: OpenAPIObject): void {
  const schemas = (components?.schemas ?? {}) as Record<string, Schema>;
  const seen = new Set<Schema>();
  for (const { post, put, patch } of Object.values(paths)) {
    for (const operation of [post, put, patch]) {
      const schema = sayWhetherRequired(operation?.requestBody as Body | undefined, schemas);
      if (schema && operation !== patch) {
        allowNulls(schema, { schemas, seen });
      }
    }
  }
}

/** Returns the schema of the body, if a class describes it. */
function sayWhetherRequired(body: Body | undefined, schemas: Readonly<Record<string, Schema>>): Schema | undefined {
  const schema = body && findClass(body, schemas);
  if (schema) {
    body.required = (schema.required ?? []).length > 0;
  }
  return schema;
}

/** The schema of a body that is described by a class of this program; those of zod say themselves what they take. */
function findClass({ content }: Body, schemas: Readonly<Record<string, Schema>>): Schema | undefined {
  const name = content['application/json']?.schema?.$ref?.slice(REF.length) ?? '';
  return name.endsWith('Dto') ? schemas[name] : undefined;
}

interface Walk {
  schemas: Readonly<Record<string, Schema>>;
  seen: Set<Schema>;
}

function allowNulls(schema: Schema, walk: Walk): void {
  if (walk.seen.has(schema)) {
    return;
  }
  walk.seen.add(schema);
  for (const part of partsOf(schema, walk)) {
    allowNulls(part, walk);
  }
  const { properties = {}, required = [] } = schema;
  for (const [name, property] of Object.entries(properties)) {
    if (!required.includes(name)) {
      properties[name] = orNull(property);
    }
  }
}

function partsOf({ $ref, properties = {}, items, oneOf = [], anyOf = [] }: Schema, { schemas }: Walk): Schema[] {
  const name = $ref?.slice(REF.length) ?? '';
  const target = name.endsWith('Dto') ? schemas[name] : undefined;
  return [...Object.values(properties), items, target, ...oneOf, ...anyOf].filter((part) => part !== undefined);
}

function orNull(schema: Schema): Schema {
  const { type, description, ...rest } = schema;
  const about = description === undefined ? {} : { description };
  if (typeof type === 'string' && type !== 'null') {
    const values = schema.enum === undefined ? {} : { enum: [...schema.enum, null] };
    return { ...schema, type: [type, 'null'], ...values };
  }
  if (Array.isArray(type) || schema.anyOf?.some((part) => part.type === 'null')) {
    return schema;
  }
  return { ...about, anyOf: [rest, { type: 'null' }] };
}
