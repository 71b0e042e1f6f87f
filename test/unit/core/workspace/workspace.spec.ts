import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceError } from '../../../../src/core/errors.js';
import { Workspace } from '../../../../src/core/workspace/workspace.js';
import { DiskPaths } from '../../../../src/workspace/disk-paths.js';

describe('Workspace', () => {
  let base: string;
  let root: string;
  let outside: string;
  let workspace: Workspace;

  const codeOf = async (outcome: Promise<string>): Promise<string> =>
    outcome.catch((error: unknown) => {
      const { code, fields } = ServiceError.from(error);
      return [code, ...fields.map(({ path, message }) => `${path} ${message}`)].join(': ');
    });

  beforeEach(() => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'workspace-')));
    [root, outside] = [join(base, 'root'), join(base, 'outside')];
    mkdirSync(join(root, 'sub', 'deep'), { recursive: true });
    mkdirSync(join(outside, 'deep'), { recursive: true });
    mkdirSync(join(root, '..name'));
    writeFileSync(join(root, 'file'), '');
    workspace = new Workspace(new DiskPaths(), [root]);
  });

  afterEach(() => {
    rmSync(base, { recursive: true });
  });

  it('gives the real path of what lies inside', async () => {
    symlinkSync(join(root, 'sub'), join(root, 'link'));
    expect(await workspace.requireFolder(join(root, 'link', 'deep'), 'cwd')).toBe(join(root, 'sub', 'deep'));
    expect(await workspace.requireInside(join(root, 'file'), 'path')).toBe(join(root, 'file'));
    expect(await workspace.requireFolder(join(root, '..name'), 'cwd')).toBe(join(root, '..name'));
  });

  it('refuses what lies outside, is not there, or is no folder', async () => {
    symlinkSync(outside, join(root, 'out'));
    symlinkSync(join(root, 'loop'), join(root, 'loop'));
    const wrong = [join(root, 'out'), outside, `${root}-not`, join(root, 'none'), join(root, 'loop'), 'sub'];
    expect(await Promise.all(wrong.map((path) => codeOf(workspace.requireFolder(path, 'cwd'))))).toEqual([
      ...Array.from({ length: 3 }, () => 'forbidden: cwd must lie under a workspace root'),
      ...Array.from({ length: 2 }, () => 'invalid_request: cwd does not exist'),
      'invalid_request: cwd must be an absolute path',
    ]);
    expect(await codeOf(workspace.requireFolder(join(root, 'file'), 'cwd'))).toBe(
      'invalid_request: cwd is not a folder',
    );
    expect(await codeOf(workspace.requireFolder(join(root, 'file', 'x'), 'cwd'))).toBe(
      'invalid_request: cwd does not exist',
    );
  });

  it.each<[string, () => void, string]>([
    ['nothing', () => undefined, 'the same'],
    [
      'it is gone',
      () => {
        rmSync(join(root, 'sub'), { recursive: true });
      },
      'forbidden: cwd is not there any more',
    ],
    [
      'a file is there',
      () => {
        rmSync(join(root, 'sub', 'deep'), { recursive: true });
        writeFileSync(join(root, 'sub', 'deep'), '');
      },
      'forbidden: cwd is no longer a folder',
    ],
    [
      'a part of the way is a file',
      () => {
        rmSync(join(root, 'sub'), { recursive: true });
        writeFileSync(join(root, 'sub'), '');
      },
      'forbidden: cwd is not there any more',
    ],
    [
      'a link leads outside',
      () => {
        rmSync(join(root, 'sub'), { recursive: true });
        symlinkSync(outside, join(root, 'sub'));
      },
      'forbidden: cwd must lie under a workspace root',
    ],
    [
      'a link leads elsewhere inside',
      () => {
        renameSync(join(root, 'sub'), join(root, 'moved'));
        symlinkSync(join(root, 'moved'), join(root, 'sub'));
      },
      'forbidden: cwd leads elsewhere now',
    ],
    [
      'the root is gone',
      () => {
        rmSync(root, { recursive: true });
      },
      'forbidden: cwd is not there any more',
    ],
  ])('at its use, when %s: %3$s', async (_, change, outcome) => {
    const given = await workspace.requireFolder(join(root, 'sub', 'deep'), 'cwd');
    change();
    const used = await codeOf(workspace.requireStill(given, 'cwd'));
    expect(used === given ? 'the same' : used).toBe(outcome);
  });

  it("takes a link on the way to a root as the operator's own", async () => {
    symlinkSync(root, join(base, 'named'));
    const named = new Workspace(new DiskPaths(), [join(base, 'named')]);
    expect(await named.requireFolder(join(base, 'named', 'sub'), 'cwd')).toBe(join(root, 'sub'));
    expect(await named.requireStill(join(base, 'named', 'sub'), 'cwd')).toBe(join(root, 'sub'));
    expect(await named.requireStill(join(root, 'sub'), 'cwd')).toBe(join(root, 'sub'));
  });

  it('follows a link that was there before, if it leads inside', async () => {
    symlinkSync(join(root, 'sub'), join(root, 'link'));
    symlinkSync(outside, join(root, 'out'));
    expect(await workspace.requireStill(join(root, 'link'), 'cwd', { mayBeLink: true })).toBe(join(root, 'sub'));
    expect(await codeOf(workspace.requireStill(join(root, 'out'), 'cwd', { mayBeLink: true }))).toBe(
      'forbidden: cwd must lie under a workspace root',
    );
  });
});
