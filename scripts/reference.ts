/**
 * `node scripts/reference.ts` writes what the built program serves as its OpenAPI document to docs/openapi.json, the
 * TypeScript client's types for it, and the reference part of API.md, which lies between two marks. With `--check` it writes
 * nothing and exits 1 if they are stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTypescript, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { readDocument } from './reference/document.ts';
import { toEndpointSections } from './reference/endpoints.ts';
import { toEventSections } from './reference/events.ts';
import { toTypeSections } from './reference/types.ts';

const BEGIN = '<!-- reference: made by `npm run reference`, not to be edited -->';
const END = '<!-- end of the reference -->';

const document = await readDocument();
const reference = [
  '## Endpoints',
  '',
  ...toEndpointSections(document),
  '## Events of the engine',
  '',
  ...toEventSections(document),
  '## Types',
  '',
  ...toTypeSections(document),
];
const api = readFileSync('API.md', 'utf8');
const [before, rest] = api.split(BEGIN);
const after = rest?.split(END)[1];
if (before === undefined || after === undefined) {
  throw new Error('API.md has lost the marks between which the reference belongs.');
}
const types = await openapiTypescript(JSON.stringify(document), { silent: true });
const files: Record<string, string> = {
  'clients/typescript/src/generated/schema.ts': `${COMMENT_HEADER}${astToString(types)}`,
  'docs/openapi.json': await format(JSON.stringify(document), {
    ...(await resolveConfig('docs/openapi.json')),
    parser: 'json',
  }),
  'API.md': `${before}${BEGIN}\n\n${reference.join('\n').trim()}\n\n${END}${after}`,
};
const stale = Object.entries(files).filter(([path, text]) => !isSame(path, text));
if (process.argv.includes('--check')) {
  for (const [path] of stale) {
    process.stderr.write(`${path} is stale: run "npm run reference".\n`);
  }
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of stale) {
    writeFileSync(path, text);
    process.stdout.write(`wrote ${path}\n`);
  }
}

function isSame(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text;
  } catch {
    return false;
  }
}
