import { type OpenApiDocument, type Operation } from './document.ts';
import { EXAMPLE_IDS } from '../../src/openapi/examples.ts';
import { EXAMPLES } from './examples.ts';
import { escape, toShape, toTypeCell } from './type-text.ts';

export interface Endpoint {
  method: string;
  path: string;
  tag: string;
  operation: Operation;
}

/** In the order of the document. */
export function toEndpoints({ paths }: OpenApiDocument): Endpoint[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      ...{ method: method.toUpperCase(), path, operation },
      tag: operation.tags?.[0] ?? '',
    })),
  );
}

/** Tag → the lines of its page. */
export function toEndpointPages(document: OpenApiDocument): Record<string, string[]> {
  const endpoints = toEndpoints(document);
  return Object.fromEntries(
    document.tags.map(({ name, description }) => [
      name,
      [
        `# ${toTitle(name)}`,
        '',
        description,
        '',
        ...endpoints.filter(({ tag }) => tag === name).flatMap((endpoint) => toEndpoint(document, endpoint)),
      ],
    ]),
  );
}

function toEndpoint(document: OpenApiDocument, endpoint: Endpoint): string[] {
  const { operation } = endpoint;
  return [
    `## ${toHeading(endpoint)}`,
    '',
    `${[operation.summary, operation.description].filter(Boolean).join('. ').replace(/\.$/, '')}.`,
    '',
    ...toParameters(document, operation),
    ...toBody(document, operation),
    ...toAnswers(document, operation),
    '```bash',
    toCurl(endpoint),
    '```',
    '',
  ];
}

function toHeading({ method, path, operation }: Endpoint): string {
  return `${method} ${path}${operation.deprecated === true ? ' (deprecated)' : ''}`;
}

/** What a link to the endpoint's section ends with. */
export function toAnchor(endpoint: Endpoint): string {
  return toHeading(endpoint)
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

const TYPES = '../types.md';
const GUIDE = '../../../API.md';

/** The key of a retry is explained once, in the guide. */
const RETRY_KEY = 'Idempotency-Key';

function toParameters(document: OpenApiDocument, { parameters = [] }: Operation): string[] {
  const shown = parameters.filter(({ name, in: place }) => place !== 'path' && name !== RETRY_KEY);
  const retry = parameters.some(({ name }) => name === RETRY_KEY)
    ? [`Accepts [\`${RETRY_KEY}\`](${GUIDE}#idempotency).`, '']
    : [];
  if (shown.length === 0) {
    return retry;
  }
  const rows = shown.map(({ name, in: place, schema, description = '' }) => {
    const label = place === 'query' ? `?${name}` : name;
    return `| \`${label}\` | ${toTypeCell(document, schema, TYPES)} | ${escape(description)} |`;
  });
  return ['| parameter | type | |', '|---|---|---|', ...rows, '', ...retry];
}

function toBody(document: OpenApiDocument, { requestBody }: Operation): string[] {
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const shape = toShape(document, content?.schema, TYPES);
  return shape.length === 0 ? [] : [`Body (\`${type ?? ''}\`):`, '', ...shape];
}

function toAnswers(document: OpenApiDocument, { responses }: Operation): string[] {
  const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  const faults = Object.keys(responses).filter((status) => /^[45]/.test(status));
  const answers = good.map(([status, { content }]) => {
    const [type, media] = Object.entries(content ?? {})[0] ?? [];
    const place = type === 'text/event-stream' ? `, in frames of an [event stream](${GUIDE}#event-streams)` : '';
    return `\`${status}\` ${toTypeCell(document, media?.schema, TYPES)}${place}`.replace(/ any$/, '');
  });
  return [`Returns ${answers.join(', ')}. Errors: ${faults.join(', ')}.`, ''];
}

/** A line that runs as it stands where `$URL`, `$TOKEN` and the ids in it are set. */
export function toCurl({ method, path, operation }: Endpoint): string {
  const { query = '', form, params = {} } = EXAMPLES[operation.operationId] ?? {};
  const body = findBody(operation);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? `$${name.toUpperCase()}`);
  const parts = [
    `curl -s${isStream(operation) ? 'N' : ''}${method === 'GET' ? '' : ` -X ${method}`} "$URL${filled}${query}"`,
    '-H "Authorization: Bearer $TOKEN"',
    ...(query.includes('[') ? ['-g'] : []),
    ...(form === undefined ? [] : [form]),
    ...(body === undefined ? [] : ["-H 'Content-Type: application/json'", toData(body)]),
  ];
  return parts.join(' \\\n  ');
}

/** The example of the document, with the reader's variables in place of ids. */
function findBody({ requestBody }: Operation): string | undefined {
  const { example } = requestBody?.content['application/json'] ?? {};
  return Object.entries(EXAMPLE_IDS).reduce<string | undefined>(
    (text, [variable, id]) => text?.replaceAll(id, `$${variable}`),
    JSON.stringify(example),
  );
}

function isStream({ responses }: Operation): boolean {
  return Object.values(responses).some(({ content = {} }) => 'text/event-stream' in content);
}

function toData(body: string): string {
  return body.includes('$') ? `-d "${body.replaceAll('"', '\\"')}"` : `-d '${body}'`;
}

const TITLES: Readonly<Record<string, string>> = { mcp: 'MCP servers', events: 'Event streams' };

/** A tag as a heading. */
export function toTitle(tag: string): string {
  return TITLES[tag] ?? tag.charAt(0).toUpperCase() + tag.slice(1);
}
