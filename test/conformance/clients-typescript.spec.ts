import { execFile } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { DOCUMENTS, readBlocks } from '../support/documents.js';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGE = join(ROOT, 'clients/typescript');
const CACHE = join(ROOT, 'node_modules/.cache');
const run = promisify(execFile);
const DOCUMENTS_WITH_TYPESCRIPT = DOCUMENTS.filter((document) =>
  readBlocks(document).some(({ language }) => language === 'typescript'),
);

describe('the TypeScript client', () => {
  let app: App;
  let proxy: CuttingProxy;
  let folder: string;

  beforeAll(async () => {
    mkdirSync(CACHE, { recursive: true });
    // Below the project's node_modules, where what the package depends on is found.
    folder = mkdtempSync(join(CACHE, 'codex-client-'));
    const installed = join(folder, 'node_modules/@codex/client');
    [app] = await Promise.all([
      App.start(),
      run(process.execPath, [
        join(ROOT, 'node_modules/typescript/bin/tsc'),
        '-p',
        PACKAGE,
        '--outDir',
        join(installed, 'dist'),
      ]),
    ]);
    cpSync(join(PACKAGE, 'package.json'), join(installed, 'package.json'));
    proxy = await CuttingProxy.start(app.url, 6000);
  }, 120_000);

  afterAll(async () => {
    await proxy.close();
    await app.stop();
    rmSync(folder, { recursive: true });
  });

  /** Runs a program as a user of the package would, and resolves with what it prints, each line as JSON. */
  const program = async (code: string): Promise<unknown[]> => {
    const path = join(folder, `program-${String(Math.random()).slice(2)}.mjs`);
    writeFileSync(
      path,
      `import * as codex from '@codex/client';
       const url = ${JSON.stringify(app.url)};
       const workspace = ${JSON.stringify(app.scratch.workspace)};
       const client = new codex.CodexClient({ baseURL: url, authToken: process.env.CODEX_AUTH_TOKEN });
       const print = (value) => console.log(JSON.stringify(value));
       const caught = async (promise) => { try { await promise; } catch (error) { return error; } };
       ${code}`,
    );
    const env = { PATH: '/usr/bin:/bin', CODEX_AUTH_TOKEN: TOKEN };
    const { stdout } = await run(process.execPath, [path], { env, cwd: folder });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  };

  it('runs turns, asks for approvals, and lists what there is', async () => {
    const lines = await program(`
      const thread = await client.threads.create({ cwd: workspace, approval_policy: 'on-request', metadata: { of: 'ts' } });
      const asked = [];
      const turn = await client.threads.run(
        thread.thread_id,
        'run escalated: touch beside because: It is needed.\\nsay: Done without.',
        { onApproval: (approval) => { asked.push(approval); return 'decline'; } },
      );
      print([asked.map(({ kind }) => kind), turn.status, turn.items.at(-1).text]);
      print((await caught(client.approvals.approve(asked[0]))).name);
      const all = [];
      for await (const one of client.threads.all({ limit: 1 })) all.push(one.thread_id);
      print(all.includes(thread.thread_id));
      const file = await client.upload(new Blob(['{}']), 'data.json');
      print(file.filename);
      print(Array.isArray((await client.models()).data));
      await client.threads.delete(thread.thread_id);
      print((await caught(client.threads.get(thread.thread_id))).code);
    `);
    expect(lines).toEqual([
      [['command_execution'], 'completed', 'Done without.'],
      'ConflictError',
      true,
      'data.json',
      true,
      'thread_not_found',
    ]);
  });

  it('misses nothing when connections break', async () => {
    const [[seen, latest]] = (await program(`
      const thread = await client.threads.create({ cwd: workspace });
      await client.threads.run(thread.thread_id, 'deltas: 200\\nsay: That was all.');
      const { latest_seq: latest } = await client.threads.get(thread.thread_id);
      const through = new codex.CodexClient({ baseURL: ${JSON.stringify(proxy.url)}, authToken: process.env.CODEX_AUTH_TOKEN });
      const seen = [];
      for await (const { seq } of through.threads.events(thread.thread_id, { after: 0 })) {
        seen.push(seq);
        if (seq === latest) break;
      }
      print([seen, latest]);
    `)) as [[number[], number]];
    expect(seen).toEqual(Array.from({ length: latest }, (_, index) => index + 1));
    expect(proxy.connections).toBeGreaterThan(3);
  });

  it('says what is wrong, gives up when told to, and leaves the turn alone', async () => {
    const lines = await program(`
      const wrong = await caught(client.threads.create({ modell: 'x' }));
      print([wrong.name, wrong.status, wrong.errors.map(({ path }) => path)]);
      const stranger = new codex.CodexClient({ baseURL: url, authToken: 'wrong-token-of-some-length-0000000000' });
      print((await caught(stranger.threads.list())).name);
      const nowhere = new codex.CodexClient({ baseURL: 'http://127.0.0.1:1', authToken: 'any', maxRetries: 0 });
      print((await caught(nowhere.threads.list())).name);
      print((await caught(client.threads.events('00000000-0000-0000-0000-000000000000').next())).name);
      const thread = await client.threads.create({ cwd: workspace });
      const late = await caught(client.threads.run(thread.thread_id, 'stall', { timeoutMs: 300 }));
      print([late.name, (await client.threads.turn(thread.thread_id, late.turnId)).status]);
      const abort = new AbortController();
      const aborted = caught(client.threads.run(thread.thread_id, 'say: Never.', { signal: abort.signal }));
      abort.abort(new Error('enough'));
      print((await aborted).message);
      await client.threads.interrupt(thread.thread_id, late.turnId);
    `);
    expect(lines).toEqual([
      ['InvalidRequestError', 400, ['modell']],
      'UnauthorizedError',
      'ConnectionError',
      'NotFoundError',
      ['TurnTimeoutError', 'in_progress'],
      'enough',
    ]);
  });

  it('runs the examples of its README', async () => {
    const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/```typescript\n([^]*?)```/g)].map(([, code = '']) => code);
    expect(examples).toHaveLength(5);
    const path = join(folder, 'readme.mjs');
    writeFileSync(path, examples.join('\n').replaceAll('http://localhost:3000', app.url));
    const { stdout } = await run(process.execPath, [path], { env: { CODEX_AUTH_TOKEN: TOKEN }, cwd: folder });
    expect(stdout).toMatch(/^completed Hello!\n1 /);
  });

  it.each(DOCUMENTS_WITH_TYPESCRIPT)('compiles the samples of %s as strict TypeScript', async (document) => {
    const samples = readBlocks(document).filter(({ language }) => language === 'typescript');
    const path = join(folder, `${document.replaceAll(/[^A-Za-z]/g, '-')}.mts`);
    writeFileSync(path, samples.map(({ text }) => text).join('\n'));
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noEmit'];
    const target = ['--target', 'es2024', '--module', 'nodenext', '--skipLibCheck', '--types', 'node'];
    const roots = ['--typeRoots', join(ROOT, 'node_modules/@types'), '--ignoreConfig'];
    const check = run(process.execPath, [tsc, ...strict, ...target, ...roots, path], { cwd: folder });
    expect(await check.then(() => '', String)).toBe('');
  });

  it('runs what was written for the server before this one', async () => {
    const [, example = ''] = /```typescript\n([^]*?)```/.exec(readFileSync('MIGRATION.md', 'utf8')) ?? [];
    const path = join(folder, 'migration.mjs');
    writeFileSync(path, example.replaceAll('http://localhost:3000', app.url));
    await run(process.execPath, [path], { env: { CODEX_AUTH_TOKEN: TOKEN }, cwd: folder });
    const threads = await app.get('/api/v2/threads?limit=1').expect(200);
    const [thread] = (threads.body as { data: { thread_id: string; model: string }[] }).data;
    const turns = await app.get(`/api/v2/threads/${thread!.thread_id}/turns`).expect(200);
    expect([thread!.model, turns.body]).toMatchObject([
      'claude-sonnet-4-5',
      { data: [{ input: [{ type: 'text', text: 'Hello!' }] }] },
    ]);
  });

  it('is a package that every resolver understands, without a word of Node in it', async () => {
    const installed = join(folder, 'node_modules/@codex/client');
    const bin = (name: string): string => join(ROOT, 'node_modules', name);
    const { stdout: lint } = await run(process.execPath, [bin('publint/src/cli.js'), installed, '--strict']);
    expect(lint).toContain('All good!');
    const attw = [bin('@arethetypeswrong/cli/dist/index.js'), '--pack', installed, '--profile', 'esm-only'];
    const { stdout: types } = await run(process.execPath, attw, {
      env: { PATH: `${join(process.execPath, '..')}:/usr/bin:/bin` },
    });
    expect(types).toContain('node16 (from ESM) │ 🟢 (ESM)');
    const code = globSync('*.js', { cwd: join(installed, 'dist') }).map((name) =>
      readFileSync(join(installed, 'dist', name), 'utf8'),
    );
    expect(code.length).toBeGreaterThan(5);
    expect(code.join('')).not.toMatch(/['"]node:|process\.|Buffer|require\(/);
  }, 120_000);
});
