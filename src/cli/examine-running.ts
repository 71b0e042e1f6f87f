import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../http/logging/logger.js';
import { toFailureText } from '../failure-text.js';
import { startServer } from '../server.js';
import { toGivenToken } from '../settings/auth-token.js';
import { type ReadSettings } from '../settings/parse-settings.js';
import { type AuthToken, type Settings } from '../settings/settings.js';
import { type Finding } from './finding.js';

type Json = Record<string, unknown>;
type Ask = (method: 'GET' | 'POST', path: string, body?: Json) => Promise<{ status: number; body: Json }>;

/**
 * Starts the server as it would be, on a port and a data directory of its own that are gone afterwards, and asks it: what
 * it answers is what the real one would.
 */
export async function examineRunning(read: ReadSettings): Promise<Finding[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'codex-web-doctor-'));
  try {
    const token = randomBytes(32).toString('base64url');
    const settings = toTrialSettings(read, { dataDir, token });
    const { logger } = createLogger('silent');
    const server = await startServer(settings, logger);
    try {
      const ask = toAsk(server.url, token);
      const warnings = await readWarnings(server.url, token);
      const configuration = server.effective
        .map(
          ({ name, value, origin }) =>
            `${name} ${value ?? 'left to the engine'}${origin === null ? '' : ` (${origin})`}`,
        )
        .join(', ');
      return [
        { name: 'Configuration', state: 'ok', detail: configuration },
        ...warnings.map((warning) => toWarning(warning)),
        await examineLogin(ask),
        await examineSandbox(ask, read.values.workspaceRoots[0] ?? process.cwd()),
        await examineSecrets(ask, settings),
      ];
    } finally {
      await server.stop(0);
    }
  } catch (error) {
    return [{ name: 'Start', state: 'failed', detail: toFailureText(error) }];
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function toTrialSettings(
  { values, sources, engineEnv, token: given }: ReadSettings,
  { dataDir, token }: { dataDir: string; token: string },
): Settings {
  // The real start makes the home where there is none; this one leaves no trace.
  const codexHome = existsSync(values.codexHome) ? values.codexHome : mkdtempSync(join(dataDir, 'home-'));
  return {
    ...values,
    codexHome,
    dataDir,
    host: '127.0.0.1',
    port: 0,
    sentryDsn: null,
    logLevel: 'silent',
    authToken: toTrialToken(given, token),
    sources,
    engineEnv,
  };
}

/** With the file of the real one, which is to be out of reach for commands. */
function toTrialToken(given: ReadSettings['token'], token: string): AuthToken {
  return given?.from === 'file' ? toGivenToken(token, 'file', given.path) : toGivenToken(token, 'env', null);
}

function toAsk(url: string, token: string): Ask {
  return async (method, path, body) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return { status: response.status, body: (await response.json()) as Json };
  };
}

/** What the engine said of its configuration when it started; of a file that it can't read it takes nothing. */
async function readWarnings(url: string, token: string): Promise<ConfigWarning[]> {
  const address = `${url}/api/v2/events?after=0&types=configWarning`;
  const response = await fetch(address, { headers: { Authorization: `Bearer ${token}` } });
  let text = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes('event: stream/live')) {
      break;
    }
  }
  const told = text.matchAll(/^data: (.*"event":"configWarning".*)$/gm);
  return [...told].map(([, data = '']) => JSON.parse(data) as ConfigWarning);
}

/** The engine takes nothing of a file that it can't read; what else it warns of is not in its way. */
function toWarning({ summary, details, path }: ConfigWarning): Finding {
  const detail = [summary, details ?? ''].join(' ').replaceAll(/\s+/g, ' ').trim();
  if (!(path ?? details ?? '').includes('config.toml')) {
    return { name: 'Engine', state: 'warning', detail };
  }
  const advice = 'mend it; the engine works with its defaults until then';
  return { name: 'Configuration', state: 'failed', detail, advice };
}

interface ConfigWarning {
  summary: string;
  details?: string | null;
  path?: string | null;
}

async function examineLogin(ask: Ask): Promise<Finding> {
  const name = 'Login';
  const { status, body } = await ask('GET', '/api/v2/auth/account');
  if (status !== 200) {
    return { name, state: 'failed', detail: toDetail(body) };
  }
  const account = body.account as { type?: string } | null;
  if (account) {
    return { name, state: 'ok', detail: String(account.type) };
  }
  if (body.requires_openai_auth !== true) {
    return { name, state: 'ok', detail: 'none, and the model provider needs none' };
  }
  const advice = 'run "codex login" with the same CODEX_HOME, or POST /api/v2/auth/login';
  return { name, state: 'warning', detail: 'nobody is logged in, and turns will fail', advice };
}

/** One command that must work and one that must not. */
async function examineSandbox(ask: Ask, cwd: string): Promise<Finding> {
  const name = 'Sandbox';
  const exec = (command: string): ReturnType<Ask> =>
    ask('POST', '/api/v2/commands/exec', {
      command: ['/bin/sh', '-c', command],
      cwd,
      sandbox_policy: { type: 'read_only' },
    });
  const harmless = await exec('exit 0');
  if (harmless.status !== 200 || harmless.body.exit_code !== 0) {
    const advice =
      'let this user make user namespaces (see docs/operations.md), or run in a container that is the sandbox itself';
    return { name, state: 'failed', detail: `commands can't be run in it: ${toDetail(harmless.body)}`, advice };
  }
  const harmful = await exec('echo x > .codex-web-doctor && rm .codex-web-doctor');
  if (harmful.body.exit_code === 0) {
    return { name, state: 'warning', detail: 'commands are not confined: a read-only one could write' };
  }
  return { name, state: 'ok', detail: 'commands run in it, and can not leave it' };
}

/** One command that tries to read them, in the place of an agent. */
async function examineSecrets(ask: Ask, { dataDir, codexHome, authToken, workspaceRoots }: Settings): Promise<Finding> {
  const name = 'Secrets';
  const paths = [
    join(dataDir, 'codex-web.db'),
    ...['auth.json', 'config.toml', '.env'].map((file) => join(codexHome, file)),
    ...(authToken.source === 'file' && authToken.path !== null ? [authToken.path] : []),
  ];
  const { status, body } = await ask('POST', '/api/v2/commands/exec', {
    // Of an empty file nothing can be read in any case.
    command: [
      '/bin/sh',
      '-c',
      'for f; do if head -c 1 "$f" 2>/dev/null | grep -q .; then echo "$f"; fi; done',
      'sh',
      ...paths,
    ],
    cwd: workspaceRoots[0] ?? process.cwd(),
  });
  const readable = typeof body.stdout === 'string' ? body.stdout.trim() : '';
  if (status === 200 && readable === '') {
    return { name, state: 'ok', detail: 'the database, keys and tokens are out of reach for sandboxed commands' };
  }
  const detail = status === 200 ? `commands can read ${readable.replaceAll('\n', ', ')}` : toDetail(body);
  const advice = 'commands run without a sandbox, or with one that can not hide files; see docs/security.md';
  return { name, state: 'warning', detail, advice };
}

function toDetail({ detail, stderr }: Json): string {
  const text = [detail, stderr].find((one): one is string => typeof one === 'string');
  return text?.trim() ?? 'no reason given';
}
