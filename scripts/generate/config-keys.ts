import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type EngineBinary } from './engine-binary.ts';

const TIMEOUT_MS = 60_000;

type Table = Readonly<Record<string, unknown>>;
type Environment = Readonly<Record<string, string>>;

/**
 * A configuration with each table whose keys are classified one by one: the engine tells all keys of a table that is there,
 * and of one that is not only its name.
 */
const SAMPLE = `
sandbox_workspace_write = {}
history = {}
goals = {}
realtime = {}
audio = {}
ghost_snapshot = {}
tui = {}
notice = {}
[approval_policy.granular]
sandbox_approval = true
rules = true
mcp_elicitations = true
[tools.web_search.location]
[skills]
bundled = {}
config = [{ name = "x", enabled = true }, { path = "/x", enabled = true }]
`;

/** The tables of the sample, and no others: what else is a table in the answer has names of the user's for keys. */
const TABLES: ReadonlySet<string> = new Set([
  'approval_policy',
  'approval_policy.granular',
  'audio',
  'ghost_snapshot',
  'goals',
  'history',
  'notice',
  'realtime',
  'sandbox_workspace_write',
  'skills',
  'skills.bundled',
  'skills.config',
  'tools',
  'tools.web_search',
  'tools.web_search.location',
  'tui',
]);

/** It has a value for some features only; `features list` has all. */
const FEATURES = 'features';

const BARE = /^[A-Za-z0-9_-]+$/;

/**
 * The keys of config.toml that the engine knows, as key paths in order. Those of a table that is not in the sample are left
 * out, and so is what the engine reads but does not tell (earlier names of keys).
 */
export async function readConfigKeys(engine: EngineBinary, scratchFolder: string): Promise<string[]> {
  const home = join(scratchFolder, 'home');
  mkdirSync(home);
  writeFileSync(join(home, 'config.toml'), SAMPLE);
  const env = { CODEX_HOME: home, HOME: home };
  const { config } = (await ask(engine, env, 'config/read', { includeLayers: false })) as { config: Table };
  const missing = [...TABLES].filter((path) => !isTableOrList(find(config, path)));
  if (missing.length > 0) {
    throw new Error(
      `The engine has no table ${missing.join(', ')} any more; mend SAMPLE in scripts/generate/config-keys.ts.`,
    );
  }
  const keys = pathsIn(config, '').filter((path) => path !== FEATURES);
  return [...new Set([...keys, ...readFeatures(engine, env)])].sort();
}

function readFeatures(engine: EngineBinary, env: Environment): string[] {
  const list = execFileSync(engine.path, ['features', 'list'], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  const names = list.split('\n').flatMap((line) => line.split(/\s+/).slice(0, 1));
  return names.filter((name) => name !== '').map((name) => `${FEATURES}.${name}`);
}

function pathsIn(table: Table, at: string): string[] {
  return Object.entries(table).flatMap(([key, value]) => {
    const path = `${at}${BARE.test(key) ? key : JSON.stringify(key)}`;
    const tables = TABLES.has(path) ? [value].flat() : [];
    return tables.length > 0 ? tables.flatMap((part) => pathsIn(part as Table, `${path}.`)) : [path];
  });
}

function find(table: Table, path: string): unknown {
  return path.split('.').reduce<unknown>((part, key) => (part as Table | undefined)?.[key], table);
}

function isTableOrList(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** What an engine of its own answers to one request. */
async function ask(engine: EngineBinary, env: Environment, method: string, params: object): Promise<unknown> {
  const child = spawn(engine.path, ['app-server'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  const send = (message: object): void => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
  };
  try {
    const clientInfo = { name: 'generate', version: '1' };
    send({ id: 1, method: 'initialize', params: { clientInfo, capabilities: { experimentalApi: true } } });
    for await (const line of createInterface({ input: child.stdout })) {
      const { id, result, error } = JSON.parse(line) as { id?: number; result?: unknown; error?: { message: string } };
      if (error) {
        throw new Error(`The engine refuses ${method}: ${error.message}`);
      }
      if (id === 2) {
        return result;
      }
      if (id === 1) {
        send({ method: 'initialized' });
        send({ id: 2, method, params });
      }
    }
    throw new Error(`The engine ended without an answer to ${method}.`);
  } finally {
    clearTimeout(timer);
    child.kill();
    await ended;
  }
}
