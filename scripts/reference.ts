/**
 * `node scripts/reference.ts` writes what is made from the OpenAPI document that the built program serves:
 * docs/openapi.json, the TypeScript client's types, the pages in docs/reference, and the endpoint table of API.md, which
 * lies between two marks. With `--check` it writes nothing and exits 1 if any of them is stale.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import openapiTypescript, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import { readDocument } from './reference/document.ts';
import { withEndpointTable } from './reference/endpoint-table.ts';
import { FOLDER, toPages } from './reference/pages.ts';

const document = await readDocument();
const types = await openapiTypescript(JSON.stringify(document), { silent: true });
const files: Record<string, string> = {
  'clients/typescript/src/generated/schema.ts': `${COMMENT_HEADER}${astToString(types)}`,
  'docs/openapi.json': await format(JSON.stringify(document), {
    ...(await resolveConfig('docs/openapi.json')),
    parser: 'json',
  }),
  'API.md': withEndpointTable(readFileSync('API.md', 'utf8'), document),
  ...toPages(document),
};
const stale = Object.entries(files).filter(([path, text]) => !isSame(path, text));
const leftovers = globSync(`${FOLDER}/**/*.md`).filter((path) => !(path in files));
if (process.argv.includes('--check')) {
  for (const path of [...stale.map(([name]) => name), ...leftovers]) {
    process.stderr.write(`${path} is stale: run "npm run reference".\n`);
  }
  process.exitCode = stale.length + leftovers.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of stale) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    process.stdout.write(`wrote ${path}\n`);
  }
  for (const path of leftovers) {
    rmSync(path);
    process.stdout.write(`removed ${path}\n`);
  }
}

function isSame(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text;
  } catch {
    return false;
  }
}
