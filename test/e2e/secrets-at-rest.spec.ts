import { execFile, spawn as spawnProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { send } from '../support/raw-request.js';
import { Scratch, ServerProcess, TOKEN } from '../support/server-process.js';
import { SseReader } from '../support/sse-reader.js';

const run = promisify(execFile);
const QUIET = { LOG_LEVEL: 'warn' };

let scratch: Scratch;
let servers: ServerProcess[];

function foldersOf({ codexHome, dataDir, workspace }: Scratch): string[] {
  return ['--codex-home', codexHome, '--data-dir', dataDir, '--workspace-root', workspace];
}

function spawn(env: Record<string, string> = QUIET, args: readonly string[] = []): ServerProcess {
  const server = ServerProcess.spawn([...foldersOf(scratch), '--demo', '--port', '0', ...args], env);
  servers.push(server);
  return server;
}

async function token(...args: string[]): Promise<string> {
  const program = ['dist/main.js', 'token', ...args, '--data-dir', scratch.dataDir];
  return (await run(process.execPath, program)).stdout;
}

const statusWith = async (url: string, bearer: string): Promise<number> =>
  (await send(url, { path: '/api/v2/threads', headers: { authorization: `Bearer ${bearer}` } })).status;

/** The file is looked at a few times a second. */
async function untilStatus(url: string, bearer: string, status: number): Promise<void> {
  while ((await statusWith(url, bearer)) !== status) {
    await delay(50);
  }
}

/** What other processes of this user can read of it. */
const environmentOf = (pid: number): string => readFileSync(`/proc/${String(pid)}/environ`, 'latin1');

beforeEach(() => {
  scratch = new Scratch();
  servers = [];
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.signal('SIGKILL')));
  scratch.remove();
});

describe('the main token', () => {
  it('is good as before when an older version kept it in clear, and its file is gone', async () => {
    mkdirSync(scratch.dataDir);
    writeFileSync(join(scratch.dataDir, 'auth-token'), `${TOKEN}\n`, { mode: 0o600 });
    const server = spawn();
    expect(await statusWith(await server.url, TOKEN)).toBe(200);
    expect(existsSync(join(scratch.dataDir, 'auth-token'))).toBe(false);
    expect(server.output).toContain('The main token lay in clear in');
    expect(server.output).not.toContain(TOKEN);
    for (const name of readdirSync(scratch.dataDir)) {
      const path = join(scratch.dataDir, name);
      expect(statSync(path).isFile() ? readFileSync(path, 'latin1') : '').not.toContain(TOKEN);
    }
  });

  it('is replaced while the server runs, and takes the streams of the one before with it', async () => {
    const first = (await token('rotate')).trim();
    expect(first).toMatch(/^[\w-]{43}$/);
    const server = spawn();
    const url = await server.url;
    expect(await statusWith(url, first)).toBe(200);
    const stream = await SseReader.open(`${url}/api/v2/events`, { headers: { authorization: `Bearer ${first}` } });
    const second = (await token('rotate')).trim();
    await stream.ended;
    expect(stream.frames.at(-1)).toMatchObject({ event: 'stream/closing', data: { reason: 'token_revoked' } });
    await untilStatus(url, second, 200);
    expect(await statusWith(url, first)).toBe(401);
  });

  it('is refused while its file makes no sense', async () => {
    const main = (await token('rotate')).trim();
    const url = await spawn().url;
    const path = join(scratch.dataDir, 'main-token.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, 20));
    await untilStatus(url, main, 401);
    writeFileSync(path, text);
    await untilStatus(url, main, 200);
  });

  it('is not rotated where it is given by the environment', async () => {
    const program = ['dist/main.js', 'token', 'rotate', '--data-dir', scratch.dataDir];
    const failure = run(process.execPath, program, { env: { CODEX_AUTH_TOKEN: TOKEN } });
    await expect(failure).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('change it there') as string,
    });
  });
});

describe("the server's environment", () => {
  const SECRETS = {
    CODEX_AUTH_TOKEN: TOKEN,
    SENTRY_DSN: 'http://dsn_secret@127.0.0.1:9/1',
    OPENAI_API_KEY: 'key-secret',
  };

  it('shows no secret to other processes, under the pid that it was started with', async () => {
    const server = spawn({ ...QUIET, ...SECRETS, AN_ORDINARY_VARIABLE: 'ordinary' });
    const url = await server.url;
    expect(await statusWith(url, TOKEN)).toBe(200);
    const environment = environmentOf(server.pid);
    for (const secret of Object.values(SECRETS)) {
      expect(environment).not.toContain(secret);
    }
    expect(environment).toContain('AN_ORDINARY_VARIABLE=ordinary\0');
    expect(readFileSync(`/proc/${String(server.pid)}/cmdline`, 'latin1')).not.toContain(TOKEN);
    expect(server.output).not.toContain('can be read');
    expect(await server.signal('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('shows none as a user who is not root', async () => {
    chmodSync(scratch.root, 0o777);
    chmodSync(scratch.codexHome, 0o777);
    const args = [...foldersOf(scratch), '--demo', '--port', '0'];
    const server = ServerProcess.spawn(args, { ...QUIET, ...SECRETS }, 65_534);
    servers.push(server);
    await server.url;
    expect(environmentOf(server.pid)).not.toContain(TOKEN);
  });

  it('says so when a process above it still shows the token', async () => {
    const args = [process.execPath, 'dist/main.js', ...foldersOf(scratch), '--demo', '--port', '0'];
    // A shell that waits, as npm does.
    const command = `${args.map((one) => `'${one}'`).join(' ')} & child=$!; trap 'kill $child' TERM; wait; wait`;
    const env = { CODEX_AUTH_TOKEN: TOKEN, ...QUIET };
    const child = spawnProcess('sh', ['-c', command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    while (!output.includes('listening on')) {
      await delay(20);
    }
    expect(output).toContain(`in the environment of the process that started this one: ${String(child.pid)} (sh)`);
    expect(output).not.toContain(TOKEN);
    child.kill('SIGTERM');
    await ended;
  });
});

describe('a data directory that is there already', () => {
  it("is made its owner's alone, with what is in it", async () => {
    mkdirSync(join(scratch.dataDir, 'attachments'), { recursive: true });
    writeFileSync(join(scratch.dataDir, 'tokens.json'), '{"tokens":[]}');
    for (const [path, mode] of [
      ['', 0o755],
      ['attachments', 0o777],
      ['tokens.json', 0o644],
    ] as const) {
      chmodSync(join(scratch.dataDir, path), mode);
    }
    const server = spawn({ ...QUIET, CODEX_AUTH_TOKEN: TOKEN });
    await server.url;
    const modeOf = (name: string): string => (statSync(join(scratch.dataDir, name)).mode & 0o777).toString(8);
    expect(['', 'attachments', 'tokens.json', 'codex-web.db', 'lock.db'].map(modeOf)).toEqual([
      '700',
      '700',
      '600',
      '600',
      '600',
    ]);
    expect(server.output).toContain(`${scratch.dataDir} could be read by others; it is its owner's alone now`);
  });
});
