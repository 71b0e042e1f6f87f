import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineConfig } from '../../../../src/codex/config/engine-config.js';
import { ShadowHome } from '../../../../src/codex/config/shadow-home.js';

const CONFIG = '# Mine\nmodel = "a"\n\n[model_providers.x]\nname = "X"\nbase_url = "http://x/v1"\nwire_api = "chat"\n';

describe('the shadow of a home', () => {
  let root: string;
  let codexHome: string;
  let shadow: ShadowHome;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'shadow-home-'));
    codexHome = join(root, 'home');
    const dataDir = join(codexHome, 'web-server');
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(codexHome, 'config.toml'), CONFIG);
    writeFileSync(join(codexHome, 'auth.json'), '{"a":1}');
    shadow = new ShadowHome({ codexHome, dataDir, path: join(dataDir, 'codex-home') });
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const open = (): EngineConfig =>
    new EngineConfig({ codexHome, modelProvider: null, localBaseUrl: undefined, shadow });
  const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');

  it('is the home in everything but its configuration and its databases', () => {
    open();
    writeFileSync(join(shadow.path, 'sessions', 'one.jsonl'), 'x');
    writeFileSync(join(shadow.path, 'history.jsonl'), 'typed');
    expect(read(shadow.path, 'auth.json')).toBe('{"a":1}');
    expect(read(codexHome, 'sessions', 'one.jsonl')).toBe('x');
    expect(read(codexHome, 'history.jsonl')).toBe('typed');
    expect(existsSync(join(shadow.path, 'web-server'))).toBe(false);
    expect(read(shadow.configPath)).toBe(CONFIG.replace('"chat"', '"responses"'));
    expect(read(codexHome, 'config.toml')).toBe(CONFIG);
    expect(shadow.env).toEqual({ CODEX_HOME: shadow.path, CODEX_SQLITE_HOME: codexHome });
  });

  it('brings home what was put in the place of a link', () => {
    open();
    rmSync(join(shadow.path, 'auth.json'));
    writeFileSync(join(shadow.path, 'auth.json'), '{"a":2}');
    mkdirSync(join(shadow.path, 'prompts'));
    writeFileSync(join(shadow.path, 'prompts', 'p.md'), 'p');
    shadow.bringHome();
    expect(read(codexHome, 'auth.json')).toBe('{"a":2}');
    expect(read(codexHome, 'prompts', 'p.md')).toBe('p');
    expect(lstatSync(join(shadow.path, 'auth.json')).isSymbolicLink()).toBe(true);
  });

  it('takes a change of the engine back into the file, and nothing else', () => {
    const config = open();
    writeFileSync(shadow.configPath, read(shadow.configPath).replace('"a"', '"b"'));
    config.takeBack();
    expect(read(codexHome, 'config.toml')).toBe(CONFIG.replace('"a"', '"b"'));
    expect(config.table.model).toBe('b');
  });

  it('follows the file when somebody has changed it', () => {
    const config = open();
    writeFileSync(join(codexHome, 'config.toml'), CONFIG.replace('"http://x/v1"', '"http://y/v1"'));
    config.refresh();
    expect(config.findProvider('x')?.baseUrl).toBe('http://y/v1');
    expect(read(shadow.configPath)).toContain('http://y/v1');
  });

  it('refuses a change where it could not be taken back', () => {
    writeFileSync(join(codexHome, 'config.toml'), 'model_providers = { x = { name = "X", wire_api = "chat" } }\n');
    const config = open();
    expect(() => {
      config.requireWritable();
    }).toThrow('inline tables');
  });

  it('is not made where the engine can read the file itself', () => {
    writeFileSync(join(codexHome, 'config.toml'), 'model = "a"\n');
    expect(open().isShadowed).toBe(false);
    expect(existsSync(shadow.path)).toBe(false);
  });
});
