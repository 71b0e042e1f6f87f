import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BareHome } from '../../../../src/codex/config/bare-home.js';
import { Scratch } from '../../../support/server-process.js';

describe('the home of bare models', () => {
  let scratch: Scratch;
  let home: BareHome;
  let path: string;

  beforeEach(() => {
    scratch = new Scratch();
    const { codexHome, dataDir } = scratch;
    path = join(dataDir, 'model-home');
    home = new BareHome({ codexHome, dataDir, path });
    writeFileSync(join(codexHome, 'config.toml'), 'model = "one"');
    writeFileSync(join(codexHome, 'AGENTS.md'), 'Words');
    mkdirSync(join(codexHome, 'skills/mine'), { recursive: true });
    home.prepare();
  });

  afterEach(() => {
    scratch.remove();
  });

  it('has the configuration, the threads and the login of the other, and none of what is written for agents', () => {
    const { codexHome } = scratch;
    writeFileSync(join(path, 'auth.json'), 'a login');
    expect(readFileSync(join(codexHome, 'auth.json'), 'utf8')).toBe('a login');
    expect(readFileSync(join(path, 'config.toml'), 'utf8')).toBe('model = "one"');
    expect(realpathSync(join(path, 'sessions'))).toBe(realpathSync(join(codexHome, 'sessions')));
    const withheld = ['AGENTS.md', 'AGENTS.override.md', 'skills', 'rules', 'plugins', 'memories', 'hooks.json'];
    expect(withheld.filter((name) => existsSync(join(path, name)))).toEqual([]);
  });

  it('can be prepared again, and gives what was left in the place of a link back', () => {
    const { codexHome, dataDir } = scratch;
    const other = new BareHome({ codexHome, dataDir, path });
    mkdirSync(join(path, 'skills/.system'), { recursive: true });
    mkdirSync(join(path, 'cache'));
    writeFileSync(join(path, 'cache/made'), 'here');
    other.prepare();
    expect(readFileSync(join(codexHome, 'cache/made'), 'utf8')).toBe('here');
    expect(realpathSync(join(path, 'cache'))).toBe(realpathSync(join(codexHome, 'cache')));
    expect(existsSync(join(codexHome, 'skills/.system'))).toBe(false);
  });

  it.each([
    [{ cli_auth_credentials_store: 'keyring' }, true],
    [{ cli_auth_credentials_store: 'auto' }, true],
    [{ cli_auth_credentials_store: 'file' }, false],
    [{}, false],
  ])('of %j: a login that it can not see is told: %s', (table, isTold) => {
    expect(BareHome.findWarning(table) !== undefined).toBe(isTold);
  });
});
