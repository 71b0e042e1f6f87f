import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules/.cache');
const TEXT = 'run escalated: echo made because: May I?\nsay: Done.';

const run = promisify(execFile);
let folder: string;
let app: App;

async function program(path: string, args: readonly string[]): Promise<void> {
  await run(process.execPath, [join(ROOT, 'node_modules', path), ...args], { cwd: folder }).catch((error: unknown) => {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${path} failed:\n${stdout}${stderr}`, { cause: error });
  });
}

/** In a process of its own, as the generated modules are no part of this project. */
async function doMainJob(client: string): Promise<unknown> {
  const url = JSON.stringify(app.url);
  const code = `
    import { doMainJob } from './out/${client}.js';
    console.log(JSON.stringify(await doMainJob(${url}, ${JSON.stringify(TOKEN)}, ${JSON.stringify(TEXT)})));
    process.exit();`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: folder });
  return JSON.parse(stdout);
}

beforeAll(async () => {
  // Inside the project, so that the clients find their runtime, and in no one's way.
  mkdirSync(CACHE, { recursive: true });
  folder = mkdtempSync(join(CACHE, 'codex-web-clients-'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const name of ['openapi-fetch.ts', 'hey-api.ts', 'tsconfig.json']) {
    copyFileSync(join(ROOT, `test/conformance/clients/${name}.txt`), join(folder, name));
  }
  const document = join(ROOT, 'docs/openapi.json');
  [app] = await Promise.all([
    App.start(),
    program('openapi-typescript/bin/cli.js', [document, '-o', 'schema.d.ts']),
    program('@hey-api/openapi-ts/bin/run.js', [
      '-i',
      document,
      '-o',
      'hey',
      '-c',
      '@hey-api/client-fetch',
      '--no-log-file',
    ]),
  ]);
}, 120_000);

afterAll(async () => {
  await app.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('clients that are generated from the document', () => {
  it('compile under strict rules', async () => {
    await program('typescript/bin/tsc', ['-p', 'tsconfig.json']);
  }, 120_000);

  it.each(['openapi-fetch', 'hey-api'])('do the main job: %s', async (client) => {
    expect(await doMainJob(client)).toEqual({
      turn: 'completed',
      messages: ['Done.'],
      exitCodes: [0],
      answered: [{ kind: 'command_execution', status: 'answered', decision: 'approve' }],
      isListed: true,
      problem: 'thread_not_found',
    });
  });
});
