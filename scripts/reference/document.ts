import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeFolder } from '../../src/demo/remove-folder.ts';

export interface Schema {
  $ref?: string;
  title?: string;
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: boolean | Schema;
  nullable?: boolean;
}

export interface Operation {
  operationId: string;
  summary?: string;
  description?: string;
  deprecated?: boolean;
  'x-required-scope'?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema; example?: unknown }> };
  responses: Record<string, { $ref?: string; description?: string; content?: Record<string, { schema?: Schema }> }>;
}

export interface OpenApiDocument {
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const SCRATCH = '/var/tmp';

/** What the built program itself serves: there is no other source of the document. */
export async function readDocument(): Promise<OpenApiDocument> {
  const scratch = mkdtempSync(join(SCRATCH, 'codex-web-reference-'));
  const folders = ['workspace', 'codex-home'].map((name) => join(scratch, name));
  folders.forEach((folder) => {
    mkdirSync(folder);
  });
  const [workspace = '', codexHome = ''] = folders;
  const args = ['--demo', '--port', '0', '--workspace-root', workspace, '--codex-home', codexHome];
  const server = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const url = await listeningUrl(server.stdout);
    return (await (await fetch(`${url}/openapi.json`)).json()) as OpenApiDocument;
  } finally {
    const ended = new Promise((resolve) => server.once('close', resolve));
    server.kill('SIGTERM');
    await ended;
    removeFolder(scratch);
  }
}

async function listeningUrl(output: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of output) {
    text += chunk.toString();
    const match = /listening on (http:\/\/\S+)/.exec(text);
    if (match?.[1] !== undefined) {
      return match[1];
    }
  }
  throw new Error(`The server did not start:\n${text}`);
}
