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
        trustedFolders: [],
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
        reasoningEffort: null,
        apiBaseUrl: null,
        clientName: 'codex_web_server',
        healthStatus: 'ok',
        isExposingReasoningModels: false,
        unsupportedParameters: 'ignore',
        hasShellSnapshot: false,
        logLevel: 'info',
        allowedHosts: [],
        allowedOrigins: [],
        allowsConfigAdmin: false,
        maxSandbox: 'workspace-write',
        allowsNetwork: false,
        maxApprovalPolicy: 'on-request',
        maxBodyBytes: 1_048_576,
        maxAttachmentBytes: 104_857_600,
        attachmentRetentionMs: 2_592_000_000,
        sentryDsn: null,
        allowsAnyCodexVersion: false,
        maxConnections: 20_000,
        maxStreams: 10_000,
        maxStreamsPerToken: 5_000,
        maxBufferedBytes: 268_435_456,
        maxBufferedBytesPerToken: 134_217_728,
        headersTimeoutMs: 20_000,
        bodyTimeoutMs: 30_000,
        uploadTimeoutMs: 300_000,
        stallTimeoutMs: 120_000,
        writesPerTenSeconds: 3000,
        strangersPerMinute: 600,
        linkHosts: [],
        maxQueuedTurns: 100,
        eventRetentionMs: 7_776_000_000,
        maxEventsPerThread: 1_000_000,
        maxEventBytes: 10_737_418_240,
        responseRetentionMs: 2_592_000_000,
        otlpEndpoint: null,
        otlpTracesEndpoint: null,
        otlpHeaders: {},
        serviceName: 'codex-web-server',
        engines: 1,
        idleThreadTimeoutMs: 1_800_000,
        engineMaxMemoryBytes: 2_147_483_648,
        engineMaxChildren: 1000,
        engineMaxAgeMs: 0,
        engineCheckIntervalMs: 30_000,
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
    [
      'the variables of a REST bridge',
      [],
      {
        CODEX_MODEL_PROVIDER: 'proxy',
        CODEX_MODEL_REASONING_EFFORT: 'high',
        CODEX_API_BASE_URL: 'http://host.docker.internal:8317/v1',
        CODEX_CLIENT_NAME: 'my-bridge',
        CODEX_LOG_LEVEL: 'WARNING',
        CODEX_REQUEST_TIMEOUT: '5',
      },
      {
        modelProvider: 'proxy',
        reasoningEffort: 'high',
        apiBaseUrl: 'http://host.docker.internal:8317/v1',
        clientName: 'my-bridge',
        logLevel: 'warn',
        bridgeRequestTimeoutMs: 5000,
      },
    ],
    ...(
      [
        [[], true],
        [['true'], true],
        [['false'], false],
      ] as const
    ).map(([value, isOn]): [string, string[], Environment, object] => [
      `a switch followed by ${value[0] ?? 'nothing'}`,
      ['--dangerously-bypass-approvals-and-sandbox', ...value, '--demo'],
      {},
      { isBypassingApprovalsAndSandbox: isOn, isDemo: true },
    ]),
    ['an empty variable as unset', [], { PORT: ' ' }, { port: 3000 }],
    [
      'folders',
      ['--workspace-root', 'a', '--workspace-root', '~/b'],
      {},
      { workspaceRoots: ['/srv/work/a', '/home/ann/b'] },
    ],
    ['folders of a variable', [], { CODEX_WORKSPACE_ROOTS: '/x:/y' }, { workspaceRoots: ['/x', '/y'] }],
    [
      'trusted folders',
      ['--trust-folder', 'a', '--trust-folder', '~/b'],
      {},
      { trustedFolders: ['/srv/work/a', '/home/ann/b'] },
    ],
    ['trusted folders of a variable', [], { CODEX_WEB_TRUST_FOLDERS: '/x:/y' }, { trustedFolders: ['/x', '/y'] }],
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
      'limits on clients',
      ['--max-streams', '7', '--headers-timeout', '1.5'],
      { CODEX_WEB_MAX_CONNECTIONS: '50', CODEX_WEB_RATE_LIMIT_WRITES: '9' },
      { maxStreams: 7, headersTimeoutMs: 1500, maxConnections: 50, writesPerTenSeconds: 9 },
    ],
    [
      'what is kept',
      ['--event-retention', '7', '--event-retention-count', '5'],
      { CODEX_WEB_EVENT_RETENTION_BYTES: '4096', CODEX_WEB_EVENT_RETENTION: '8', CODEX_WEB_RESPONSE_RETENTION: '2' },
      { eventRetentionMs: 604_800_000, maxEventsPerThread: 5, maxEventBytes: 4096, responseRetentionMs: 172_800_000 },
    ],
    [
      'where traces go',
      [],
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
        OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b, x-team = core',
        OTEL_SERVICE_NAME: 'coder',
      },
      {
        otlpEndpoint: 'http://127.0.0.1:4318',
        otlpHeaders: { 'x-key': 'a b', 'x-team': 'core' },
        serviceName: 'coder',
      },
    ],
    [
      'what becomes of engine processes and idle threads',
      ['--engines', '3', '--engine-max-memory', '0', '--engine-max-age', '24'],
      { CODEX_WEB_IDLE_THREAD_TIMEOUT: '0.5', CODEX_WEB_ENGINE_MAX_CHILDREN: '8' },
      {
        ...{ engines: 3, engineMaxMemoryBytes: 0, engineMaxAgeMs: 86_400_000 },
        ...{ idleThreadTimeoutMs: 500, engineMaxChildren: 8 },
      },
    ],
    [
      'what becomes of parameters without effect',
      [],
      { CODEX_WEB_UNSUPPORTED_PARAMETERS: 'refuse' },
      { unsupportedParameters: 'refuse' },
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

  it('refuses limits that would not limit, and never shows headers that may be secret', () => {
    const faults = faultsOf(['--max-streams', '0', '--body-timeout', '0', '--stall-timeout', '1e3'], {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'secret',
    });
    expect(faults).toEqual([
      '--max-streams must be a number of streams from 1 to 1000000, not "0"',
      '--body-timeout must be a number of seconds from 1 to 3600, not "0"',
      '--stall-timeout must be a number of seconds from 1 to 3600, not "1e3"',
      'OTEL_EXPORTER_OTLP_ENDPOINT must be an address such as http://127.0.0.1:4318, not "collector:4318"',
      'OTEL_EXPORTER_OTLP_HEADERS must be a list such as name=value,other=value, with percent-encoded values',
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
    const secrets = { SENTRY_DSN: 'https://k@s.example/1', OTEL_EXPORTER_OTLP_HEADERS: 'x-key=k' };
    const env = { PATH: '/bin', CODEX_AUTH_TOKEN: TOKEN, ...secrets, OPENAI_API_KEY: 'k' };
    expect(parse([], env).engineEnv).toEqual({ PATH: '/bin', OPENAI_API_KEY: 'k' });
  });

  it('answers help and version whatever else is wrong', () => {
    expect(parseSettings(['--help', '--port', 'x'], {}, PATHS)).toBe('help');
    expect(parseSettings(['--version'], {}, PATHS)).toBe('version');
  });
});
