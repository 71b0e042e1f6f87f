import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { send } from '../support/raw-request.js';
import { Scratch, ServerProcess, TOKEN } from '../support/server-process.js';

const BEARER = { authorization: `Bearer ${TOKEN}` };
const ENV = { CODEX_AUTH_TOKEN: TOKEN, LOG_LEVEL: 'warn' };

let scratch: Scratch;
let servers: ServerProcess[];

/** A server on the folders of this test, with the built-in model. */
function spawn(args: readonly string[] = ['--port', '0'], env: Record<string, string> = ENV): ServerProcess {
  const { codexHome, dataDir, workspace } = scratch;
  const folders = ['--codex-home', codexHome, '--data-dir', dataDir, '--workspace-root', workspace];
  const server = ServerProcess.spawn([...folders, '--demo', ...args], env);
  servers.push(server);
  return server;
}

beforeEach(() => {
  scratch = new Scratch();
  servers = [];
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.signal('SIGKILL')));
  scratch.remove();
});

it('makes a token at the first start, keeps its digest, and shows it once as a line to paste', async () => {
  const first = spawn(['--port', '0'], { LOG_LEVEL: 'warn' });
  const url = await first.url;
  const path = join(scratch.dataDir, 'main-token.json');
  const line = /^ {2}(curl .*)$/m.exec(await printed(first, /curl .*\n/))?.[1] ?? '';
  const token = /Bearer ([^']*)'/.exec(line)?.[1] ?? '';
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).not.toContain(token);
  const { stdout } = await promisify(execFile)('sh', ['-c', `${line} --silent --show-error`]);
  expect(JSON.parse(stdout)).toEqual({ data: [], next_cursor: null });
  expect(await first.signal('SIGTERM')).toEqual({ code: 0, signal: null });

  const second = spawn(['--port', '0'], { LOG_LEVEL: 'warn' });
  const again = await second.url;
  expect(again).not.toBe(url);
  const headers = { authorization: `Bearer ${token}` };
  expect((await send(again, { path: '/api/v2/threads', headers })).status).toBe(200);
  expect(await second.signal('SIGINT')).toEqual({ code: 0, signal: null });
  expect(second.output).toMatch(/token +as shown when it was made; lost\? "token rotate"/);
  expect(second.output).not.toContain(token);
});

it('takes its token from a file, and its address from the environment', async () => {
  const file = join(scratch.root, 'token');
  writeFileSync(file, `${TOKEN}\n`);
  const env = {
    CODEX_AUTH_TOKEN_FILE: file,
    CODEX_SERVE_ADDR: 'localhost:0',
    CODEX_WEB_DOCS: 'off',
    LOG_LEVEL: 'warn',
  };
  const server = spawn([], { ...env, DIALECTS: 'responses,chat', HEALTH_STATUS: 'fine' });
  const url = await server.url;
  expect(url).toMatch(/^http:\/\/localhost:\d+$/);
  const get = async (path: string): Promise<number> => (await send(url, { path, headers: BEARER })).status;
  // Without the native dialect, and without the documentation, there is nothing at their paths.
  const paths = ['/api/v2/threads', '/api/v2/approvals', '/docs', '/redoc', '/openapi.json'];
  expect(await Promise.all(paths.map(get))).toEqual(paths.map(() => 404));
  expect((await send(url, { path: '/docs' })).status).toBe(404);
  expect((await send(url, { path: '/health' })).body).toEqual({ status: 'fine' });
  expect((await send(url, { path: '/api/v2/threads' })).status).toBe(401);
  expect(await printed(server, /token .*\n/)).toContain(file);
  expect(server.output).not.toContain(TOKEN);
});

it('prefers the flag to the environment, and says where each setting came from', async () => {
  const server = spawn(['-a', '127.0.0.1:0', '--model', 'from-flag'], { ...ENV, HOST: '0.0.0.0', CODEX_MODEL: 'x' });
  expect(await server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await printed(server, /workspace .*\n/)).toMatch(/model +from-flag +\(flag: --model\)/);
});

it('ends with 1 and a sentence when its port or its data directory is in use', async () => {
  const first = spawn();
  const { port } = new URL(await first.url);
  const sameData = spawn();
  expect(await sameData.exited).toEqual({ code: 1, signal: null });
  expect(sameData.output).toContain(`Another server already uses the data directory ${scratch.dataDir}.`);

  const elsewhere = ServerProcess.spawn(
    ['--port', port, '--codex-home', scratch.codexHome, '--data-dir', join(scratch.root, 'other'), '--demo'],
    { ...ENV, CODEX_WORKSPACE_ROOTS: scratch.workspace },
  );
  expect(await elsewhere.exited).toEqual({ code: 1, signal: null });
  expect(elsewhere.output).toContain(`127.0.0.1:${port} is in use already; stop what uses it, or choose another`);
  for (const { output } of [sameData, elsewhere]) {
    expect(output).not.toMatch(/^ +at /m);
  }
  expect((await send(await first.url, { path: '/health' })).status).toBe(200);
});

it('waits for a running turn after the first signal, and ends at once after the second', async () => {
  const server = spawn(['--port', '0', '--shutdown-timeout', '3600']);
  const url = await server.url;
  const headers = { ...BEARER, 'content-type': 'application/json' };
  const post = (path: string, body: object): ReturnType<typeof send> =>
    send(url, { method: 'POST', path, headers, body: JSON.stringify(body) });
  const { body: thread } = await post('/api/v2/threads', {});
  const input = [{ type: 'text', text: 'stall' }];
  const turn = await post(`/api/v2/threads/${String(thread.thread_id)}/turns`, { input });
  expect([turn.status, turn.body.status]).toEqual([202, 'in_progress']);

  process.kill(server.pid, 'SIGTERM');
  await refused(url);
  process.kill(server.pid, 'SIGTERM');
  expect(await server.exited).toEqual({ code: 1, signal: null });
});

/** Resolves with the output once it has this: what follows the address may come in a later piece. */
async function printed(server: ServerProcess, pattern: RegExp): Promise<string> {
  await server.url;
  while (!pattern.test(server.output)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  return server.output;
}

/** Resolves once the server takes no more connections. */
async function refused(url: string): Promise<void> {
  for (;;) {
    try {
      await send(url, { path: '/livez' });
    } catch {
      return;
    }
  }
}
