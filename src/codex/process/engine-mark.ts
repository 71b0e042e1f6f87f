import { createHash, randomBytes } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';

const VARIABLE = 'CODEX_WEB_ENGINE';
/** Nothing can be put there, so that a folder below it on the PATH is harmless. */
const NOWHERE = '/dev/null/';

/**
 * Names an engine process in the environment of everything that it starts, however indirectly, so that what it leaves
 * behind is known for certain. Commands inherit the whole environment. MCP servers get only a few variables of it, of
 * which PATH is one (engine 0.169.0), so the mark stands at the end of that as well.
 */
export interface EngineMark {
  /** The same for all engines of a data directory. */
  readonly server: string;
  readonly text: string;
}

/** What all engines have in common that a server on this data directory starts, now and in earlier runs. */
export function toServerMark(dataDir: string): string {
  const path = realpathSync(dataDir);
  const { dev, ino } = statSync(path);
  const digest = createHash('sha256').update(`${path}\n${String(dev)}\n${String(ino)}`);
  return `codex-web-${digest.digest('hex').slice(0, 16)}-`;
}

export function newEngineMark(server: string): EngineMark {
  return { server, text: server + randomBytes(6).toString('hex') };
}

export function withMark(
  env: Readonly<Record<string, string | undefined>>,
  { text }: EngineMark,
): Record<string, string | undefined> {
  const path = env.PATH === undefined ? {} : { PATH: `${env.PATH}:${NOWHERE}${text}` };
  return { ...env, ...(process.platform === 'win32' ? {} : path), [VARIABLE]: text };
}

/** Whether this environment was handed down by that engine, or with a server's mark by any of its engines. */
export function hasMark(environment: string, mark: string): boolean {
  return environment.includes(`${VARIABLE}=${mark}`) || environment.includes(NOWHERE + mark);
}

/** Of a command, that is, not of an MCP server: those may have been left running on purpose. */
export function isOfCommand(environment: string): boolean {
  return environment.includes(`${VARIABLE}=`);
}
