import { type OpenApiDocument, type Schema } from './document.ts';

/** An enumeration of more words than this is told by its name. */
const MAX_WORDS = 8;

/** A schema as a reader writes it: `string`, `"a" | "b"`, `Turn[]`, `{…}`. */
export function toTypeText(document: OpenApiDocument, schema: Schema | undefined): string {
  if (!schema) {
    return 'any';
  }
  const { $ref, oneOf, anyOf } = schema;
  if ($ref !== undefined) {
    return toNameOrWords(document, $ref);
  }
  const alternatives = oneOf ?? anyOf;
  return alternatives
    ? [...new Set(alternatives.map((one) => toTypeText(document, one)))].join(' | ')
    : toPlainText(document, schema);
}

function toNameOrWords(document: OpenApiDocument, ref: string): string {
  const target = document.components.schemas[toComponentName(ref)];
  const words = target?.enum;
  const isShort = target?.type === 'string' && (words?.length ?? 0) <= MAX_WORDS;
  return isShort ? toPlainText(document, target) : toComponentName(ref);
}

function toPlainText(document: OpenApiDocument, schema: Schema): string {
  const words = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (words) {
    return words.map((word) => JSON.stringify(word)).join(' | ');
  }
  const types = [schema.type ?? 'any'].flat();
  return types.map((type) => toTypeWord(document, type, schema)).join(' | ');
}

function toTypeWord(document: OpenApiDocument, type: string, schema: Schema): string {
  if (type === 'array') {
    const item = toTypeText(document, schema.items);
    return item.includes(' ') ? `(${item})[]` : `${item}[]`;
  }
  if (type === 'object') {
    const { additionalProperties: rest } = schema;
    return typeof rest === 'object' ? `map of ${toTypeText(document, rest)}` : 'object';
  }
  return type;
}

export function toComponentName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

/** A table of an object's fields; empty for a schema that is none. `page` is the path to that of the types, '' if this is it. */
export function toFieldTable(document: OpenApiDocument, schema: Schema | undefined, page: string): string[] {
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
      return `| \`${name}\`${required.has(name) ? '' : ' ?'} | ${toTypeCell(document, field, page)} | ${escape(about)} |`;
    }),
  ];
}

/** A table of an object's fields; what each form of a union looks like; empty for any other schema. */
export function toShape(document: OpenApiDocument, schema: Schema | undefined, page: string): string[] {
  const table = toFieldTable(document, schema, page);
  if (table.length > 0) {
    return [...table, ''];
  }
  const forms = formsOf(resolve(document, schema));
  const names = forms.map(({ $ref }) => ($ref === undefined ? '' : toComponentName($ref)));
  const tables = forms.map((form) => toFieldTable(document, form, page));
  if (names.every((name) => isExplained(document, name)) || tables.every(({ length }) => length === 0)) {
    return forms.length === 0 ? [] : [`One of ${toTypeCell(document, { oneOf: forms }, page)}`, ''];
  }
  return forms.flatMap((form, index) => {
    const fields = tables[index] ?? [];
    const shown = fields.length > 0 ? fields : [toTypeCell(document, form, page)];
    return [`Form ${String(index + 1)} of ${String(forms.length)}:`, '', ...shown, ''];
  });
}

const formsOf = (schema: Schema | undefined): Schema[] => schema?.oneOf ?? schema?.anyOf ?? [];

/** The type in a cell, in which every type that has a section of its own leads there. */
export function toTypeCell(document: OpenApiDocument, schema: Schema | undefined, page: string): string {
  return escape(toTypeText(document, schema)).replaceAll(/\b[A-Z]\w+/g, (name) => {
    if (name === 'StreamEvent') {
      return `[${name}](${page.replace('types.md', 'events.md')})`;
    }
    return isExplained(document, name) ? `[${name}](${page}#${name.toLowerCase()})` : name;
  });
}

/** Whether the page of types has it: all of the service's own, and what a thread consists of. */
export function isExplained({ components: { schemas } }: OpenApiDocument, name: string): boolean {
  const schema = schemas[name];
  const isOwn = !name.startsWith('Engine') && name !== 'StreamEvent';
  return name === 'EngineThreadItem' || (isOwn && (schema?.properties !== undefined || formsOf(schema).length > 0));
}

export function resolve(document: OpenApiDocument, schema: Schema | undefined): Schema | undefined {
  return schema?.$ref === undefined
    ? schema
    : resolve(document, document.components.schemas[toComponentName(schema.$ref)]);
}

/** What is shown in a cell of a table. */
export function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}
