import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHelpText } from '../../../src/settings/help.js';
import { loadSettings } from '../../../src/settings/load-settings.js';
import { MainTokenFile } from '../../../src/settings/main-token-file.js';
import { OPTIONS } from '../../../src/settings/options.js';
import { type Environment, type Settings } from '../../../src/settings/settings.js';
import { SettingsError } from '../../../src/settings/settings-error.js';
import { toDigest } from '../../../src/settings/token-file.js';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'settings-'));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

function load(argv: string[] = [], env: Environment = {}): Settings {
  const settings = loadSettings(argv, env, { cwd: home, homeDir: home });
  if (typeof settings === 'string') {
    throw new Error(`asked for ${settings}`);
  }
  return settings;
}

describe('loadSettings', () => {
  it('makes a token once, keeps it private, and reuses it', () => {
    const { authToken: first, dataDir } = load();
    const { authToken: second } = load();
    const path = join(dataDir, 'main-token.json');
    expect(first).toMatchObject({ source: 'generated', wasTakenOver: false, path });
    expect(first.shownOnce).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(first.digest).toBe(toDigest(first.shownOnce ?? ''));
    expect(second).toEqual({ ...first, source: 'stored', shownOnce: null });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['main-token.json']);
    expect(readFileSync(path, 'utf8')).not.toContain(first.shownOnce);
  });

  it('takes over a token that an older version kept in clear, also one that came back', () => {
    const { dataDir } = load();
    for (const token of ['a-token-of-an-older-version', 'another-of-an-older-version']) {
      writeFileSync(join(dataDir, 'auth-token'), `${token}\n`);
      const digest = toDigest(token);
      const callerId = digest.slice(0, 16);
      expect(load().authToken).toMatchObject({
        digest,
        callerId,
        source: 'stored',
        shownOnce: null,
        wasTakenOver: true,
      });
      expect(readdirSync(dataDir)).toEqual(['main-token.json']);
      expect(load().authToken).toMatchObject({ digest, wasTakenOver: false });
    }
  });

  it('keeps its holder when it is replaced', () => {
    const { authToken: before, dataDir } = load();
    const token = new MainTokenFile(dataDir).rotate();
    expect(load().authToken).toEqual({ ...before, digest: toDigest(token), source: 'stored', shownOnce: null });
  });

  it('names a file of the token that makes no sense', () => {
    const { dataDir } = load();
    writeFileSync(join(dataDir, 'main-token.json'), '{}');
    expect(() => load()).toThrow(/main-token.json holds no token; make another with "codex-web-server token rotate"/);
  });

  it('reads the token from a named file', () => {
    const path = join(home, 'token');
    writeFileSync(path, 'a-token-from-a-file\n');
    expect(load([], { CODEX_AUTH_TOKEN_FILE: path }).authToken).toEqual({
      digest: toDigest('a-token-from-a-file'),
      callerId: toDigest('a-token-from-a-file').slice(0, 16),
      source: 'file',
      shownOnce: null,
      wasTakenOver: false,
      path,
    });
  });

  it('makes no token, and lists all faults, when the start fails anyway', () => {
    expect(() => load(['--workspace-root', 'missing', '--trust-folder', 'gone', '--codex-path', 'nothing'])).toThrow(
      new SettingsError([
        `--workspace-root ${home}/missing is no folder; name one that exists`,
        `--trust-folder ${home}/gone is no folder; name one that exists`,
        `--codex-path ${home}/nothing is no file; name the Codex binary`,
      ]),
    );
    expect(readdirSync(home)).toEqual([]);
  });

  it('names a Codex home and an engine that can not be used', () => {
    const file = join(home, 'file');
    writeFileSync(file, '', { mode: 0o644 });
    expect(() => load(['--codex-home', file, '--codex-path', file, '--data-dir', join(home, 'data')])).toThrow(
      new SettingsError([
        `--codex-path ${file} is not executable; name the Codex binary`,
        `--codex-home ${file} is no folder; name Codex's own folder`,
      ]),
    );
    const missing = join(home, 'missing');
    expect(() => load(['--codex-home', missing, '--data-dir', join(home, 'data')])).toThrow(
      new SettingsError([`--codex-home ${missing} does not exist; make it, or name another folder`]),
    );
    expect(load(['--codex-home', missing]).dataDir).toBe(join(missing, 'web-server'));
  });

  it('names a stored token that is damaged and a data folder that is a file', () => {
    mkdirSync(join(home, '.codex/web-server'), { recursive: true });
    writeFileSync(join(home, '.codex/web-server/auth-token'), 'x');
    expect(() => load()).toThrow(/auth-token holds no usable token: it must have at least 16/);
    writeFileSync(join(home, 'plain'), '');
    expect(() => load(['--data-dir', 'plain'])).toThrow(/--data-dir .*plain can't hold the token/);
  });

  it('is frozen all through', () => {
    const settings = load();
    expect(Object.isFrozen(settings) && Object.isFrozen(settings.workspaceRoots)).toBe(true);
  });
});

describe('toHelpText', () => {
  it('names every flag and variable', () => {
    const text = toHelpText();
    for (const { flag, env } of OPTIONS) {
      for (const name of [...(flag === undefined ? [] : [`--${flag}`]), ...(env ?? [])]) {
        expect(text).toContain(name);
      }
    }
  });
});
