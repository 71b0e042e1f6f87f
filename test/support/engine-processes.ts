import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type App } from './start-app.js';

const POLL_MS = 5;

interface Entry {
  pid: number;
  parent: number;
  command: string;
}

/** The processes of the server's engine, oldest first. */
export function enginePids(app: App): number[] {
  return childrenOf(app.server.pid);
}

export function childrenOf(pid: number): number[] {
  return processes()
    .filter(({ parent }) => parent === pid)
    .map((entry) => entry.pid)
    .sort((a, b) => a - b);
}

/** Processes whose command line has this text, whoever started them. */
export function pidsOf(text: string): number[] {
  return processes()
    .filter(({ pid, command }) => pid !== process.pid && command.includes(text))
    .map(({ pid }) => pid);
}

/** Resolves when the condition holds; /proc tells of no change by itself, so it is looked at again and again. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await wait(POLL_MS);
  }
}

/** Living ones: what is left of one that nobody has taken note of does not count. */
function processes(): Entry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readEntry)
    .filter((entry) => entry !== undefined);
}

function readEntry(name: string): Entry | undefined {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return state === 'Z' ? undefined : { pid: Number(name), parent: Number(parent), command };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}
