import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { type Environment } from './settings.js';

/** Variables that only this server needs, and whoever has them is the server. */
const OWN_SECRETS = [
  ...['CODEX_AUTH_TOKEN', 'SENTRY_DSN'],
  ...['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'],
];
/** What names of variables say of their values. */
const SECRET_NAME = /KEY|SECRET|TOKEN|PASSW|CREDENTIAL/i;

/** Positions in `/proc/PID/stat`, counted from what follows the command: where the environment begins and ends. */
const ENV_START = 47;
const ENV_END = 48;

export interface OwnEnvironment {
  /** As the process was started with it. */
  env: Environment;
  /** Why its secrets can still be read by other processes of this user; `null` when they can't, or there are none. */
  exposure: string | null;
}

/**
 * Takes the environment of this process, and takes its secrets out of it: from `process.env`, and from the memory that
 * the system shows as `/proc/PID/environ` to every process of the same user. To be called before anything is started.
 */
export function takeEnvironment(): OwnEnvironment {
  const env = Object.freeze({ ...process.env });
  const names = Object.keys(env).filter((name) => isSecret(name) && env[name] !== '');
  let exposure: string | null = null;
  try {
    if (names.length > 0) {
      exposure = blank(new Set(names));
    }
  } catch (error) {
    exposure = error instanceof Error ? error.message : String(error);
  }
  for (const name of names) {
    Reflect.deleteProperty(process.env, name);
  }
  return { env, exposure };
}

const isSecret = (name: string): boolean => OWN_SECRETS.includes(name) || SECRET_NAME.test(name);

/** Overwrites the values with zeros, in place. Returns why they are still to be seen, if they are. */
function blank(names: ReadonlySet<string>): string | null {
  if (process.platform !== 'linux') {
    return `it can't be hidden on ${process.platform}`;
  }
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [start, end] = [Number(fields[ENV_START]), Number(fields[ENV_END])];
  const memory = openSync('/proc/self/mem', 'r+');
  try {
    const block = Buffer.alloc(end - start);
    readSync(memory, block, 0, block.length, start);
    for (const { name, at, length } of entriesOf(block)) {
      const skipped = Buffer.byteLength(name) + 1;
      if (names.has(name) && length > skipped) {
        writeSync(memory, Buffer.alloc(length - skipped), 0, length - skipped, start + at + skipped);
      }
    }
  } finally {
    closeSync(memory);
  }
  const left = entriesOf(readFileSync('/proc/self/environ')).filter(
    ({ name, length }) => names.has(name) && length > Buffer.byteLength(name) + 1,
  );
  return left.length === 0 ? null : `${left.map(({ name }) => name).join(', ')} could not be hidden`;
}

interface Entry {
  name: string;
  /** Of `NAME=value` in the block, in bytes. */
  at: number;
  length: number;
}

function entriesOf(block: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < block.length;) {
    const zero = block.indexOf(0, at);
    const end = zero === -1 ? block.length : zero;
    const text = block.toString('utf8', at, end);
    entries.push({ name: text.slice(0, Math.max(0, text.indexOf('='))), at, length: end - at });
    at = end + 1;
  }
  return entries;
}

/**
 * Processes above this one in whose environment the value is still to be read: `npm start`, or a shell that was given it.
 * Only where this user may look, as only then its commands may too.
 */
export function findExposingParents(name: string, value: string): { pid: number; command: string }[] {
  const found: { pid: number; command: string }[] = [];
  const entry = Buffer.from(`${name}=${value}\0`);
  for (let pid = process.ppid; pid > 0;) {
    const stat = readOf(pid, 'stat')?.toString('latin1') ?? '';
    const command = /\((.*)\)/s.exec(stat)?.[1] ?? '';
    if (readOf(pid, 'environ')?.includes(entry) === true) {
      found.push({ pid, command });
    }
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
  }
  return found;
}

/** A process may end, or be another user's, at any moment. */
function readOf(pid: number, file: string): Buffer | undefined {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`);
  } catch {
    return undefined;
  }
}
