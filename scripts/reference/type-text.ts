import { type OpenApiDocument, type Schema } from './document.ts';

/** A schema as a reader writes it: `string`, `"a" | "b"`, `Turn[]`, `{…}`. */
export function toTypeText(schema: Schema | undefined): string {
  if (!schema) {
    return 'any';
  }
  const { $ref, oneOf, anyOf, allOf } = schema;
  if ($ref !== undefined) {
    return toName($ref);
  }
  const alternatives = oneOf ?? anyOf;
  if (alternatives) {
    return alternatives.map(toTypeText).join(' | ');
  }
  const [only] = allOf ?? [];
  return only ? toTypeText(only) : toPlainText(schema);
}

function toPlainText(schema: Schema): string {
  const words = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (words) {
    return words.map((word) => JSON.stringify(word)).join(' | ');
  }
  const types = [schema.type ?? 'any'].flat();
  const text = types.map((type) => toTypeWord(type, schema)).join(' | ');
  return schema.nullable === true && !types.includes('null') ? `${text} | null` : text;
}

function toTypeWord(type: string, schema: Schema): string {
  if (type === 'array') {
    const item = toTypeText(schema.items);
    return item.includes(' ') ? `(${item})[]` : `${item}[]`;
  }
  if (type === 'object') {
    const { additionalProperties: rest } = schema;
    return typeof rest === 'object' ? `map of ${toTypeText(rest)}` : 'object';
  }
  return type;
}

export function toName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1).replace(/Dto$/, '');
}

/** A table of an object's fields; empty for a schema that is none. */
export function toFieldTable(document: OpenApiDocument, schema: Schema | undefined): string[] {
  const resolved = resolve(document, schema);
  const fields = Object.entries(resolved?.properties ?? {});
  if (fields.length === 0) {
    return [];
  }
  const required = new Set(resolved?.required);
  return [
    '| field | type | |',
    '|---|---|---|',
    ...fields.map(([name, field]) => {
      const about = field.description ?? '';
      return `| \`${name}\`${required.has(name) ? '' : ' ?'} | ${escape(toTypeText(field))} | ${escape(about)} |`;
    }),
  ];
}

export function resolve(document: OpenApiDocument, schema: Schema | undefined): Schema | undefined {
  if (schema?.$ref === undefined) {
    return schema;
  }
  return resolve(document, document.components.schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)]);
}

/** What is shown in a cell of a table. */
export function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
