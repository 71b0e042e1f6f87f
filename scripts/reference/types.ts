import { type OpenApiDocument, type Schema } from './document.ts';
import { escape, isExplained, resolve, toComponentName, toShape, toTypeCell } from './type-text.ts';

const ITEM = 'EngineThreadItem';
/** What every item has; told once, and not of each. */
const SHARED_FIELDS = ['type', 'id', 'started_at_ms', 'completed_at_ms'];

/** The service's own types, by name, and the items of turns. Bodies of requests are told where they are sent. */
export function toTypePage(document: OpenApiDocument): string[] {
  const bodies = new Set(bodyNames(document));
  const own = Object.entries(document.components.schemas).filter(
    ([name]) => name !== ITEM && isExplained(document, name) && !bodies.has(name),
  );
  own.sort(([left], [right]) => left.localeCompare(right));
  return [
    '# Types',
    '',
    `## ${ITEM}`,
    '',
    'What happens in a turn. Each has an `id`, `started_at_ms` and `completed_at_ms`, and a `type`:',
    '',
    ...toItemTable(document),
    '',
    ...own.flatMap(([name, { description = '' }]) => [
      `## ${name}`,
      '',
      description,
      '',
      ...toShape(document, { $ref: name }, ''),
    ]),
  ];
}

function toItemTable(document: OpenApiDocument): string[] {
  const rows = (document.components.schemas[ITEM]?.oneOf ?? []).map((reference) => {
    const { anyOf, properties } = resolve(document, reference) ?? {};
    const variants = anyOf ?? [{ properties }];
    const fields = variants.flatMap((variant) => Object.entries(variant.properties ?? {}));
    const { type, ...others }: Record<string, Schema> = Object.fromEntries(fields);
    const shown = Object.entries(others).filter(([name]) => !SHARED_FIELDS.includes(name));
    const cells = shown.map(([name, field]) => `\`${name}\` (${toTypeCell(document, field, '')})`);
    return `| \`${escape(String(type?.enum?.[0]))}\` | ${cells.join(', ')} |`;
  });
  return ['| type | fields |', '|---|---|', ...rows];
}

function bodyNames(document: OpenApiDocument): string[] {
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  return operations.flatMap(({ requestBody }) =>
    Object.values(requestBody?.content ?? {}).map(({ schema }) => toComponentName(schema.$ref ?? '')),
  );
}
