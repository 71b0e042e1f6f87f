import { parseSettings, type ParsedSettings } from '../../../src/settings/parse-settings.js';
import { type Environment } from '../../../src/settings/settings.js';
import { SettingsError } from '../../../src/settings/settings-error.js';

const PATHS = { cwd: '/srv/work', homeDir: '/home/ann' };
const TOKEN = 'a-token-of-some-length';

function parse(argv: string[] = [], env: Environment = {}): ParsedSettings {
  const parsed = parseSettings(argv, env, PATHS);
  if (typeof parsed === 'string') {
    throw new Error(`asked for ${parsed}`);
  }
  return parsed;
}

function faultsOf(argv: string[], env: Environment = {}): readonly string[] {
  try {
    parseSettings(argv, env, PATHS);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.faults;
    }
    throw error;
  }
  return [];
}

describe('parseSettings', () => {
  it('has a default for everything', () => {
    expect(parse()).toEqual({
      values: {
        host: '127.0.0.1',
        port: 3000,
        codexHome: '/home/ann/.codex',
        dataDir: '/home/ann/.codex/web-server',
        workspaceRoots: ['/srv/work'],
        codexPath: null,
        model: null,
        modelProvider: null,
        approvalPolicy: null,
        isBypassingApprovalsAndSandbox: false,
        dialects: ['v2', 'responses', 'chat', 'messages', 'bridge'],
        hasDocs: true,
        isDemo: false,
        shutdownTimeoutMs: 10_000,
        approvalTimeoutMs: 900_000,
        bridgeRequestTimeoutMs: 300_000,
        healthStatus: 'ok',
        isExposingReasoningModels: false,
        hasShellSnapshot: false,
        logLevel: 'info',
        allowedHosts: [],
        allowedOrigins: [],
        allowsConfigAdmin: false,
        maxBodyBytes: 1_048_576,
        maxAttachmentBytes: 104_857_600,
        attachmentRetentionMs: 2_592_000_000,
        sentryDsn: null,
      },
      sources: expect.objectContaining({ port: 'default', dataDir: 'default' }) as unknown,
      token: { from: 'data-dir' },
      engineEnv: {},
    });
  });

  it('lets the command line win over the environment, and says who set what', () => {
    const { values, sources } = parse(['--port', '4000', '--docs=off'], {
      PORT: '5000',
      HOST: '::1',
      CODEX_WEB_DOCS: 'on',
      LOG_LEVEL: 'debug',
    });
    expect(values).toMatchObject({ port: 4000, host: '::1', hasDocs: false, logLevel: 'debug' });
    expect(sources).toMatchObject({ port: 'flag', host: 'env', hasDocs: 'flag', logLevel: 'env', model: 'default' });
  });

  it.each<[string, string[], Environment, object]>([
    ['an address', ['-a', '127.0.0.2:81'], {}, { host: '127.0.0.2', port: 81 }],
    ['an IPv6 address', ['--addr', '[::1]:81'], {}, { host: '::1', port: 81 }],
    [
      'an address over single variables',
      [],
      { CODEX_SERVE_ADDR: 'localhost:82', PORT: '1' },
      { host: 'localhost', port: 82 },
    ],
    [
      'a flag over an address variable',
      ['--port', '83'],
      { CODEX_SERVE_ADDR: '127.0.0.3:82' },
      { host: '127.0.0.3', port: 83 },
    ],
    ['the twin of PORT', [], { CODEX_SERVER_PORT: '84' }, { port: 84 }],
    ['an empty variable as unset', [], { PORT: ' ' }, { port: 3000 }],
    [
      'folders',
      ['--workspace-root', 'a', '--workspace-root', '~/b'],
      {},
      { workspaceRoots: ['/srv/work/a', '/home/ann/b'] },
    ],
    ['folders of a variable', [], { CODEX_WORKSPACE_ROOTS: '/x:/y' }, { workspaceRoots: ['/x', '/y'] }],
    ['a data folder below the Codex home', ['--codex-home', '/c'], {}, { codexHome: '/c', dataDir: '/c/web-server' }],
    ['dialects', ['--dialects', 'v2,chat'], {}, { dialects: ['v2', 'chat'] }],
    [
      'seconds',
      ['--shutdown-timeout', '0.5'],
      { CODEX_WEB_APPROVAL_TIMEOUT: '60' },
      { shutdownTimeoutMs: 500, approvalTimeoutMs: 60_000 },
    ],
    [
      'switches',
      ['--demo', '--shell-snapshot'],
      { CODEX_SERVE_EXPOSE_REASONING_MODELS: 'true' },
      { isDemo: true, hasShellSnapshot: true, isExposingReasoningModels: true },
    ],
    [
      'hosts and origins',
      ['--allowed-host', 'App.local:8080'],
      { CODEX_WEB_ALLOWED_ORIGINS: 'https://a.example, http://b.example:81' },
      { allowedHosts: ['app.local:8080'], allowedOrigins: ['https://a.example', 'http://b.example:81'] },
    ],
  ])('reads %s', (_what, argv, env, expected) => {
    expect(parse(argv, env).values).toMatchObject(expected);
  });

  it('lists every fault at once, each with its name', () => {
    const faults = faultsOf(
      ['--port', '99999', '--nope', 'stray', '--docs', 'maybe', '--model', '--addr', 'x', '--demo=yes'],
      {
        LOG_LEVEL: 'loud',
        CODEX_AUTH_TOKEN: 'short',
        CODEX_WEB_ALLOWED_ORIGINS: 'https://a.example/path',
        CODEX_WEB_SHUTDOWN_TIMEOUT: '-1',
      },
    );
    expect(faults).toEqual([
      '--nope is no flag of this program; see --help',
      '"stray" belongs to no flag; see --help',
      '--model needs a value',
      '"x" belongs to no flag; see --help',
      '--demo takes no value; leave "=yes" out',
      '--port must be a port from 0 to 65535, not "99999"',
      '--docs must be on or off, not "maybe"',
      'CODEX_WEB_SHUTDOWN_TIMEOUT must be a number of seconds from 0 to 86400, not "-1"',
      'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, not "loud"',
      'CODEX_WEB_ALLOWED_ORIGINS must be an origin such as https://app.example.com, without a path, not "https://a.example/path"',
      'CODEX_AUTH_TOKEN must have at least 16 characters',
    ]);
  });

  it('refuses flags that contradict each other', () => {
    expect(faultsOf(['--addr', '127.0.0.1:1', '--port', '2'])).toEqual([
      '--addr and --port say different things; give one of them',
    ]);
    expect(faultsOf(['--port', '1', '--port', '2'])).toEqual(['--port is given more than once']);
  });

  it('demands a token where others can reach it', () => {
    expect(faultsOf(['--host', '0.0.0.0'])).toEqual([expect.stringContaining('CODEX_AUTH_TOKEN')]);
    expect(parse(['--host', '0.0.0.0'], { CODEX_AUTH_TOKEN: TOKEN }).token).toEqual({ from: 'env', value: TOKEN });
    expect(parse(['--host', '127.9.9.9']).token).toEqual({ from: 'data-dir' });
  });

  it('refuses a token that no header can carry, without showing it', () => {
    const [fault] = faultsOf([], { CODEX_AUTH_TOKEN: 'has spaces and is long' });
    expect(fault).toContain('CODEX_AUTH_TOKEN may hold only');
    expect(fault).not.toContain('spaces');
  });

  it('keeps its own secrets from the engine', () => {
    const env = { PATH: '/bin', CODEX_AUTH_TOKEN: TOKEN, SENTRY_DSN: 'https://k@s.example/1', OPENAI_API_KEY: 'k' };
    expect(parse([], env).engineEnv).toEqual({ PATH: '/bin', OPENAI_API_KEY: 'k' });
  });

  it('answers help and version whatever else is wrong', () => {
    expect(parseSettings(['--help', '--port', 'x'], {}, PATHS)).toBe('help');
    expect(parseSettings(['--version'], {}, PATHS)).toBe('version');
  });
});
