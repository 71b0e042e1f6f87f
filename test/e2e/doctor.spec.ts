import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from '../support/start-app.js';
import { Scratch } from '../support/server-process.js';

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** What `codex-web-server doctor` says, with a home of its own. */
function doctor(scratch: Scratch, args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const folders = [
    '--codex-home',
    scratch.codexHome,
    '--data-dir',
    scratch.dataDir,
    '--workspace-root',
    scratch.workspace,
  ];
  const all = ['dist/main.js', 'doctor', ...folders, ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { env: { PATH: '/usr/bin:/bin', ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('the doctor', () => {
  let scratch: Scratch;

  beforeEach(() => {
    scratch = new Scratch();
  });

  afterEach(() => {
    scratch.remove();
  });

  it('says that nobody is logged in, on a machine where all else is well', async () => {
    const { code, stdout } = await doctor(scratch, ['--port', '0']);
    // The engine's own warning is of a sandbox tool that some machines have and some have not.
    const lines = stdout.split('\n').map((line) => line.slice(0, 18).trim());
    expect(lines.filter((line) => line !== '??  Engine')).toEqual([
      expect.stringMatching(/^ok {2}Node/) as string,
      'ok  Settings',
      'ok  Token',
      'ok  Data directory',
      'ok  Port',
      'ok  Engine',
      'ok  Configuration',
      '??  Login',
      '',
      'ok  Sandbox',
      'ok  Secrets',
      '',
      'The server can wor',
      '',
    ]);
    expect(stdout).toContain('codex login');
    expect(code).toBe(0);
  });

  it('lists the folders whose programs are run, if there are any', async () => {
    const projects = ['/srv/old', '/srv/own'].map((path) => `[projects."${path}"]\ntrust_level = "trusted"\n`);
    writeFileSync(
      join(scratch.codexHome, 'config.toml'),
      [...projects, '[projects."/srv/no"]\ntrust_level = "untrusted"'].join('\n'),
    );
    const { code, stdout } = await doctor(scratch, ['--port', '0']);
    expect(stdout).toMatch(/^\?\? {2}Trust +config\.toml trusts \/srv\/old, \/srv\/own: /m);
    expect(code).toBe(0);
  });

  it('runs beside a server, and tells its port from a free one', async () => {
    const app = await App.start();
    const port = new URL(app.url).port;
    const { code, stdout } = await doctor(app.scratch, ['--port', port]);
    const threadId = await app.createThread();
    const turn = await app.runTurn(threadId, 'say: Still here.');
    await app.stop();
    expect(stdout).toMatch(new RegExp(`\\?\\? {2}Port +127.0.0.1:${port} is in use`));
    expect(stdout).toMatch(/ok {2}Login +none, and the model provider needs none/);
    expect([code, turn.status]).toEqual([0, 'completed']);
  });

  it('names what keeps the server from working', async () => {
    writeFileSync(join(scratch.codexHome, 'config.toml'), 'model = [not toml');
    const broken = await doctor(scratch, ['--port', '0']);
    expect(broken).toMatchObject({ code: 1, stdout: expect.stringMatching(/!! {2}\w+ +.*config\.toml/) as string });
    const open = await doctor(scratch, ['--host', '0.0.0.0', '--port', '0']);
    expect(open).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/!! {2}Settings +.*CODEX_AUTH_TOKEN/) as string,
    });
    const folder = mkdtempSync(join(scratch.workspace, 'engine-'));
    const path = join(folder, 'codex');
    writeFileSync(path, 'exit 1');
    chmodSync(path, 0o755);
    const other = await doctor(scratch, ['--port', '0', '--codex-path', path]);
    rmSync(folder, { recursive: true });
    expect(other).toMatchObject({ code: 1, stdout: expect.stringMatching(/!! {2}Start +/) as string });
  });

  it('refuses flags that there are not', async () => {
    const outcome = await doctor(scratch, ['--pot', '1']);
    expect(outcome).toMatchObject({ code: 1, stdout: expect.stringContaining('--pot is no flag') as string });
  });
});
