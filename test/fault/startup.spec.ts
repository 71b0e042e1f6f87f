import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Scratch, ServerProcess, TOKEN } from '../support/server-process.js';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

describe('a start that can not succeed', () => {
  let scratch: Scratch;

  beforeEach(() => {
    scratch = new Scratch();
  });

  afterEach(() => {
    scratch.remove();
  });

  interface Given {
    dataDir?: string;
    codexHome?: string;
    codexPath?: string;
    uid?: number;
  }

  /** The exit code, and what was said. */
  async function start({
    dataDir = scratch.dataDir,
    codexHome = scratch.codexHome,
    codexPath,
    uid,
  }: Given): Promise<[number | null, string]> {
    const folders = ['--data-dir', dataDir, '--codex-home', codexHome, '--workspace-root', scratch.workspace];
    const engine = codexPath === undefined ? [] : ['--codex-path', codexPath];
    const env = { CODEX_AUTH_TOKEN: TOKEN, LOG_LEVEL: 'error' };
    const server = ServerProcess.spawn(['--port', '0', ...folders, ...engine], env, uid);
    const { code } = await server.exited;
    expect(server.output).not.toContain('    at ');
    return [code, server.output];
  }

  it.each([
    ['is no database at all', (): Buffer => Buffer.from('Somebody wrote notes into this file. '.repeat(500))],
    ['is cut short', (): Buffer => Buffer.from('SQLite format 3\0'.padEnd(4096, '\0'))],
  ])('says that the database is damaged when it %s, what to do, and leaves it as it is', async (_, toBytes) => {
    const file = join(scratch.dataDir, 'codex-web.db');
    mkdirSync(scratch.dataDir);
    writeFileSync(file, toBytes());
    const [code, output] = await start({});
    expect(code).toBe(1);
    expect(output).toContain(`The database in ${scratch.dataDir} is damaged`);
    expect(output).toContain('Put a backup in its place');
    expect(readFileSync(file)).toEqual(toBytes());
  });

  it('says that the Codex home is missing, no folder, or not to be read', async () => {
    const missing = join(scratch.root, 'missing');
    const file = join(scratch.root, 'file');
    const locked = join(scratch.root, 'locked');
    writeFileSync(file, '');
    mkdirSync(locked, { mode: 0o000 });
    chmodSync(scratch.root, 0o755);
    const uid = isRoot ? NOBODY : undefined;
    const outcomes = await Promise.all([missing, file, locked].map((codexHome) => start({ codexHome, uid })));
    expect(outcomes).toEqual([
      [2, expect.stringContaining(`--codex-home ${missing} does not exist; make it, or name another folder`)],
      [2, expect.stringContaining(`--codex-home ${file} is no folder`)],
      [2, expect.stringContaining(`--codex-home ${locked} can't be read and written by this user`)],
    ]);
  });

  it('says that the data directory belongs to somebody else', async () => {
    mkdirSync(scratch.dataDir, { mode: 0o555 });
    chmodSync(scratch.root, 0o755);
    if (isRoot) {
      chownSync(scratch.codexHome, NOBODY, NOBODY);
    }
    const [code, output] = await start(isRoot ? { uid: NOBODY } : {});
    expect(code).toBe(1);
    expect(output).toContain(`The data directory ${scratch.dataDir} can't be used`);
    expect(output).toContain('choose another one with --data-dir');
  });

  it('says that the engine is not executable, or that it is no program', async () => {
    const codexPath = join(scratch.root, 'codex');
    writeFileSync(codexPath, 'no program');
    expect(await start({ codexPath })).toEqual([
      2,
      expect.stringContaining(`--codex-path ${codexPath} is not executable`),
    ]);
    chmodSync(codexPath, 0o755);
    expect(await start({ codexPath })).toEqual([
      1,
      expect.stringMatching(/failed: The engine (could not be started|exited with code 127)/),
    ]);
  });
});

const volume = mkdtempSync('/var/tmp/codex-web-read-only-');
const canMount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', volume]).status === 0;

afterAll(() => {
  if (canMount) {
    spawnSync('umount', [volume]);
  }
  rmSync(volume, { recursive: true });
});

// Mounting needs rights that not every machine gives to its tests.
(canMount ? describe : describe.skip)('a disk that is read-only', () => {
  it('ends the server with 1, and says so', async () => {
    const scratch = new Scratch();
    const folders = ['--data-dir', volume, '--codex-home', scratch.codexHome, '--workspace-root', scratch.workspace];
    const server = ServerProcess.spawn(['--port', '0', ...folders], { CODEX_AUTH_TOKEN: TOKEN });
    const { code } = await server.exited;
    scratch.remove();
    expect(code).toBe(1);
    expect(server.output).toMatch(new RegExp(`The data directory ${volume} can't be used: .*read-only`));
    expect(server.output).not.toContain('    at ');
  });
});
