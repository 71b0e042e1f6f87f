import { readFileSync } from 'node:fs';
import { type Exit, ServerProcess } from '../support/server-process.js';

const MANIFEST = new URL('../../package.json', import.meta.url);

/** Flag → its twins in the environment, as RUNNING has them. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  '--port PORT': ['PORT', 'CODEX_SERVER_PORT'],
  '--host HOST': ['HOST'],
  '-a, --addr HOST:PORT': ['CODEX_SERVE_ADDR'],
  '--codex-home DIR': ['CODEX_HOME'],
  '--data-dir DIR': ['CODEX_WEB_DATA_DIR'],
  '--workspace-root DIR': ['CODEX_WORKSPACE_ROOTS'],
  '--codex-path FILE': ['CODEX_PATH'],
  '--model NAME': ['CODEX_MODEL'],
  '--model-provider NAME': ['CODEX_PROVIDER', 'CODEX_MODEL_PROVIDER'],
  '--approval-policy POLICY': ['CODEX_APPROVAL_POLICY'],
  '--dangerously-bypass-approvals-and-sandbox [true|false]': [],
  '--dialects LIST': ['DIALECTS'],
  '--docs on|off': ['CODEX_WEB_DOCS'],
  '--demo': [],
  '--shutdown-timeout SECONDS': ['CODEX_WEB_SHUTDOWN_TIMEOUT'],
  '--approval-timeout SECONDS': ['CODEX_WEB_APPROVAL_TIMEOUT'],
  '--health-status WORD': ['HEALTH_STATUS'],
  '--expose-reasoning-models': ['CODEX_SERVE_EXPOSE_REASONING_MODELS'],
  '--log-level LEVEL': ['LOG_LEVEL', 'CODEX_LOG_LEVEL'],
  '--allowed-host HOST': ['CODEX_WEB_ALLOWED_HOSTS'],
  '--allowed-origin ORIGIN': ['CODEX_WEB_ALLOWED_ORIGINS'],
  '--max-body-bytes BYTES': ['CODEX_WEB_MAX_BODY_BYTES'],
};
const WITHOUT_FLAG = [
  ...['CODEX_AUTH_TOKEN', 'CODEX_AUTH_TOKEN_FILE', 'CODEX_REQUEST_TIMEOUT', 'SENTRY_DSN'],
  ...['CODEX_MODEL_REASONING_EFFORT', 'CODEX_API_BASE_URL', 'CODEX_API_KEY', 'CODEX_CLIENT_NAME'],
];

interface Ended extends Exit {
  output: string;
}

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const server = ServerProcess.spawn(args, env);
  return { ...(await server.exited), output: server.output };
}

const faultsOf = (output: string): string[] =>
  output.split('\n').flatMap((line) => /^ {2}- (.*)$/.exec(line)?.[1] ?? []);

describe('the command line', () => {
  it.each(['--help', '-h'])('%s names every flag with its environment twin', async (flag) => {
    const { code, output } = await run([flag]);
    expect(code).toBe(0);
    const entries = new Map<string, string>();
    for (const entry of output.split(/\n(?= {2}\S)/)) {
      entries.set(entry.split('\n')[0]!.trim(), entry);
    }
    for (const [usage, twins] of Object.entries(FLAGS)) {
      expect([usage, twins.filter((twin) => !new RegExp(`\\b${twin}\\b`).test(entries.get(usage) ?? ''))]).toEqual([
        usage,
        [],
      ]);
      expect([...entries.keys()]).toContain(usage);
    }
    expect(WITHOUT_FLAG.filter((name) => !output.includes(name))).toEqual([]);
    expect(output.split('\n').filter((line) => line.length > 120)).toEqual([]);
  });

  it.each(['--version', '-V'])('%s prints the version and nothing else', async (flag) => {
    const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string };
    expect(await run([flag])).toEqual({ code: 0, signal: null, output: `${version}\n` });
  });

  it('ends with 2 and names every fault at once, wherever it comes from', async () => {
    const args = ['--bogus', 'stray', '--docs', 'maybe', '-a', 'nope', '--host', '0.0.0.0'];
    const more = [
      '--workspace-root',
      '/none/here',
      '--codex-path',
      '/none/codex',
      '--demo=yes',
      '--dialects',
      'v3',
      '--model',
    ];
    const env = {
      PORT: '70000',
      LOG_LEVEL: 'loud',
      CODEX_APPROVAL_POLICY: 'sometimes',
      CODEX_WEB_APPROVAL_TIMEOUT: 'x',
    };
    const { code, output } = await run([...args, ...more], env);
    expect(code).toBe(2);
    const named = faultsOf(output).map((fault) => fault.split(' ')[0]);
    expect(named.sort()).toEqual(
      [
        ...['--bogus', '"stray"', '--docs', '--addr', '--model', '--workspace-root', '--codex-path', '--demo'],
        ...[
          '--dialects',
          'PORT',
          'LOG_LEVEL',
          'CODEX_APPROVAL_POLICY',
          'CODEX_WEB_APPROVAL_TIMEOUT',
          'CODEX_AUTH_TOKEN',
        ],
      ].sort(),
    );
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])('does not bind %s without a token', async (host) => {
    const { code, output } = await run(['--host', host]);
    expect(code).toBe(2);
    expect(faultsOf(output)).toEqual([expect.stringContaining('CODEX_AUTH_TOKEN') as string]);
  });

  it.each([
    ['short', 'at least 16 characters'],
    ['with a space in it, and long', 'may hold only'],
  ])('refuses the token "%s", and does not repeat it', async (token, why) => {
    const { code, output } = await run([], { CODEX_AUTH_TOKEN: token });
    expect(code).toBe(2);
    expect(faultsOf(output)).toEqual([expect.stringContaining(why) as string]);
    expect(output).not.toContain(token);
  });

  it('refuses a token file that is not there, and both kinds of token at once', async () => {
    const missing = await run([], { CODEX_AUTH_TOKEN_FILE: '/none/token' });
    expect([missing.code, faultsOf(missing.output)]).toEqual([2, [expect.stringContaining('/none/token') as string]]);
    const both = await run([], { CODEX_AUTH_TOKEN_FILE: '/none/token', CODEX_AUTH_TOKEN: 'x'.repeat(20) });
    expect([both.code, faultsOf(both.output)]).toEqual([2, [expect.stringContaining('both set') as string]]);
  });
});
