import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

const EXEC = '/api/v2/commands/exec';

/** May write to the workspace and nowhere else. */
const WRITE = { type: 'workspace_write', exclude_slash_tmp: true, exclude_tmpdir_env_var: true };
const sh = (script: string): string[] => ['sh', '-c', script];

describe('a command', () => {
  const second = mkdtempSync('/var/tmp/codex-web-test-second-');
  let app: App;

  beforeAll(async () => {
    const env = { OF_THE_SERVER: 'inherited' };
    app = await App.start({ env, args: ['--workspace-root', second] });
  });

  afterAll(async () => {
    await app.stop();
    rmSync(second, { recursive: true });
  });

  async function exec(body: object): Promise<Json> {
    return (await app.post(EXEC, body).expect(200)).body as Json;
  }

  const inWorkspace = (name: string): string => join(app.scratch.workspace, name);

  it('answers with how it ended and what it wrote, each stream by itself', async () => {
    const result = await exec({ command: sh('echo out; echo err >&2; exit 3') });
    expect(result).toEqual({ exit_code: 3, stdout: 'out\n', stderr: 'err\n', truncated: false });
  });

  it('is served under its old name too', async () => {
    const answer = await app.post('/api/v2/commands', { command: ['echo', 'hello'] }).expect(200);
    expect(answer.body).toEqual({ exit_code: 0, stdout: 'hello\n', stderr: '', truncated: false });
  });

  it('gets its arguments as they are: no shell reads them', async () => {
    const command = ['printf', '%s|', '$HOME', '*', 'a b', '', 'ä"\'\n'];
    expect((await exec({ command })).stdout).toBe('$HOME|*|a b||ä"\'\n|');
  });

  it('runs in the first workspace root, or where it is told', async () => {
    mkdirSync(inWorkspace('sub'));
    expect((await exec({ command: ['pwd'] })).stdout).toBe(`${app.scratch.workspace}\n`);
    expect((await exec({ command: ['pwd'], cwd: inWorkspace('sub') })).stdout).toBe(`${inWorkspace('sub')}\n`);
  });

  it('gets variables, and loses those that are null', async () => {
    const command = sh('echo "$ADDED|${OF_THE_SERVER-gone}|$CODEX_AUTH_TOKEN|${HOME+home}"');
    expect((await exec({ command })).stdout).toBe('|inherited||home\n');
    const env = { ADDED: 'a b', OF_THE_SERVER: null };
    expect((await exec({ command, env })).stdout).toBe('a b|gone||home\n');
  });

  describe('in the sandbox', () => {
    it('writes nowhere unless it is told that it may', async () => {
      const { exit_code: code, stderr } = await exec({ command: ['touch', 'a.txt'] });
      expect(code).not.toBe(0);
      expect(stderr).toContain('Read-only file system');
      expect(existsSync(inWorkspace('a.txt'))).toBe(false);
    });

    it('writes to the workspace and not outside of it, when it may write', async () => {
      const outside = join(app.scratch.root, 'outside.txt');
      const command = sh(`echo in > b.txt; echo out > ${outside}; echo out > /tmp/of-the-command.txt`);
      const { stderr } = await exec({ command, sandbox_policy: WRITE });
      expect(readFileSync(inWorkspace('b.txt'), 'utf8')).toBe('in\n');
      expect(existsSync(outside)).toBe(false);
      expect(existsSync('/tmp/of-the-command.txt')).toBe(false);
      expect((stderr as string).match(/Read-only file system/g)).toHaveLength(2);
    });

    it('writes to its own folder also in another workspace root, and to more folders when they are named', async () => {
      const [own, other] = [join(second, 'own'), join(second, 'other')];
      mkdirSync(own);
      mkdirSync(other);
      const body = { command: sh(`echo x > x.txt; echo y > ${other}/y.txt`), cwd: own };
      await exec({ ...body, sandbox_policy: WRITE });
      expect([own, other].map((path) => readdirSync(path))).toEqual([['x.txt'], []]);
      await exec({ ...body, sandbox_policy: { ...WRITE, writable_roots: [other] } });
      expect(readdirSync(other)).toEqual(['y.txt']);
    });

    it('reaches no network', async () => {
      const script = `const socket = require('node:net').connect(${new URL(app.url).port}, '127.0.0.1');
        socket.on('connect', () => { console.log('reached'); socket.destroy(); });
        socket.on('error', () => { console.log('not reached'); });`;
      const command = [process.execPath, '-e', script];
      expect((await exec({ command })).stdout).toBe('not reached\n');
      expect((await exec({ command, sandbox_policy: { ...WRITE, network_access: true } })).stdout).toBe('reached\n');
    });
  });

  describe('that takes too long', () => {
    it('is answered with 504, and is ended with its children', async () => {
      const mark = inWorkspace('pids');
      const command = sh(`sleep 600 & echo $$ $! > ${mark}; wait`);
      const body = { command, timeout_ms: 300, sandbox_policy: { type: 'danger_full_access' } };
      expect(await refusal(app.post(EXEC, body))).toEqual({ status: 504, code: 'timeout', paths: [] });
      const [shell, child] = readFileSync(mark, 'utf8').trim().split(' ');
      expect([shell, child].map((pid) => isRunning(pid!))).toEqual([false, false]);
    });

    it('is ended in the sandbox too', async () => {
      const command = ['sleep', '599.25'];
      expect(await refusal(app.post(EXEC, { command, timeout_ms: 200 }))).toMatchObject({ status: 504 });
      const { stdout } = await exec({ command: ['ps', '-eo', 'args'], sandbox_policy: { type: 'danger_full_access' } });
      expect(stdout).not.toContain('sleep 599.25');
    });

    it('is not one that ends with the code of a timeout by itself', async () => {
      expect(await exec({ command: sh('exit 124'), timeout_ms: 5000 })).toMatchObject({ exit_code: 124 });
    });
  });

  describe('with much output', () => {
    it('is answered whole', async () => {
      const { stdout, stderr, truncated } = await exec({
        command: sh('yes 123456789 2>/dev/null | head -c 2000000; yes abcdefghi 2>/dev/null | head -c 1500000 >&2'),
      });
      expect(stdout).toBe('123456789\n'.repeat(200_000));
      expect(stderr).toBe('abcdefghi\n'.repeat(150_000));
      expect(truncated).toBe(false);
    });

    it('is cut at 4 MiB of a stream, and says so; also when each byte takes six in JSON', async () => {
      const { stdout, exit_code: code, truncated } = await exec({ command: sh('head -c 5000000 /dev/zero') });
      expect([code, (stdout as string).length, truncated]).toEqual([0, 4 * 1024 * 1024, true]);
    });
  });

  it.each([
    ['is not there', ['no-such-program', 'x']],
    ['may not be run', ['/etc/hostname']],
    ['has no name', ['']],
  ])('whose program %s is 422, in the sandbox and out of it', async (_, command) => {
    for (const type of ['read_only', 'danger_full_access']) {
      const answer = await app.post(EXEC, { command, sandbox_policy: { type } }).expect(422);
      expect(answer.body).toMatchObject({ code: 'unprocessable' });
      expect(answer.text).toContain('The command could not be started');
      expect(answer.text).not.toContain('panicked');
    }
  });

  it.each<[string, object, string[]]>([
    ['no command', {}, ['command']],
    ['an empty one', { command: [] }, ['command']],
    ['a line for a shell', { command: 'echo x' }, ['command']],
    ['an argument that is no text', { command: ['echo', 5] }, ['command']],
    ['a NUL', { command: ['echo', '\0'] }, ['command']],
    ['a variable that is no text', { command: ['env'], env: { A: 5 } }, ['env']],
    ['a variable without a name', { command: ['env'], env: { '': 'x' } }, ['env']],
    ['a name with =', { command: ['env'], env: { 'A=B': 'x' } }, ['env']],
    ['a list of variables', { command: ['env'], env: ['A=b'] }, ['env']],
    ['no time', { command: ['env'], timeout_ms: 0 }, ['timeout_ms']],
    ['half a millisecond', { command: ['env'], timeout_ms: 1.5 }, ['timeout_ms']],
    ['an unknown sandbox', { command: ['env'], sandbox_policy: { type: 'none' } }, ['sandbox_policy.type']],
    ['a relative folder', { command: ['env'], cwd: 'sub' }, ['cwd']],
    ['an unknown field', { command: ['env'], shell: true }, ['shell']],
  ])('with %s is refused', async (_, body, paths) => {
    expect(await refusal(app.post(EXEC, body))).toEqual({ status: 400, code: 'invalid_request', paths });
  });

  it('stays in the workspace: other folders are forbidden, also by a link', async () => {
    symlinkSync('/etc', inWorkspace('link'));
    const command = ['pwd'];
    const forbidden = (paths: string[]): object => ({ status: 403, code: 'forbidden', paths });
    for (const cwd of ['/etc', inWorkspace('link'), inWorkspace('..')]) {
      expect(await refusal(app.post(EXEC, { command, cwd }))).toEqual(forbidden(['cwd']));
    }
    const sandbox = { ...WRITE, writable_roots: [inWorkspace('link')] };
    expect(await refusal(app.post(EXEC, { command, sandbox_policy: sandbox }))).toEqual(
      forbidden(['sandbox_policy.writable_roots[0]']),
    );
    expect(await refusal(app.post(EXEC, { command, cwd: inWorkspace('nowhere') }))).toMatchObject({ status: 400 });
  });
});

/** Whether there is such a process that has not ended; one that waits to be collected has. */
function isRunning(pid: string): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/\) [ZX] /.test(readFileSync(path, 'utf8'));
}
