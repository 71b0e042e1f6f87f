import { readdir, readFile } from 'node:fs/promises';

/** One process of the system, as Linux tells it in /proc. */
export interface ProcessEntry {
  pid: number;
  parentPid: number;
  /** The process that began the session. It stays when a parent dies, which the parent does not. */
  sessionId: number;
  /** In ticks since the system started: with the pid it names a process for good. */
  startTicks: number;
}

/** Read at once, so that thousands of processes do not keep the disk threads from everything else. */
const BATCH = 32;

/** All living processes; `undefined` on a system without /proc. */
export async function readProcesses(): Promise<ProcessEntry[] | undefined> {
  let names: string[];
  try {
    names = await readdir('/proc');
  } catch {
    return undefined;
  }
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const entries: ProcessEntry[] = [];
  for (let begun = 0; begun < pids.length; begun += BATCH) {
    const read = await Promise.all(pids.slice(begun, begun + BATCH).map(readProcess));
    entries.push(...read.filter((entry) => entry !== undefined));
  }
  return entries;
}

/** `undefined` for one that is gone or waits only to be taken note of (a zombie). */
export async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  const stat = await readOf(pid, 'stat');
  return stat === undefined ? undefined : toProcessEntry(stat);
}

/** From a line of proc_pid_stat(5). The name in parentheses may hold anything, so it is counted from its end. */
export function toProcessEntry(stat: string): ProcessEntry | undefined {
  const [state, parentPid, , sessionId, ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const entry = {
    pid: Number.parseInt(stat, 10),
    parentPid: Number(parentPid),
    sessionId: Number(sessionId),
    startTicks: Number(more[15]),
  };
  return state === 'Z' || state === 'X' || Object.values(entry).some(Number.isNaN) ? undefined : entry;
}

/** Children, their children, and so on. */
export function descendantsOf(pid: number, processes: readonly ProcessEntry[]): ProcessEntry[] {
  const children = Map.groupBy(processes, ({ parentPid }) => parentPid);
  const found: ProcessEntry[] = [];
  const next = [...(children.get(pid) ?? [])];
  for (let entry = next.pop(); entry; entry = next.pop()) {
    found.push(entry);
    next.push(...(children.get(entry.pid) ?? []));
  }
  return found;
}

/** Parents, their parents, and so on. */
export function ancestorsOf(pid: number, processes: readonly ProcessEntry[]): number[] {
  const parents = new Map(processes.map((entry) => [entry.pid, entry.parentPid]));
  const found: number[] = [];
  for (let parent = parents.get(pid); parent && !found.includes(parent); parent = parents.get(parent)) {
    found.push(parent);
  }
  return found;
}

/** What the process was started with, `NAME=value` parts divided by zero bytes; empty where it may not be read. */
export async function readEnvironment(pid: number): Promise<string> {
  return (await readOf(pid, 'environ')) ?? '';
}

/** Resident memory; 0 for a process that is gone. */
export async function readResidentBytes(pid: number): Promise<number> {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec((await readOf(pid, 'status')) ?? '')?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** A process may end, or be another user's, at any moment. */
async function readOf(pid: number, file: string): Promise<string | undefined> {
  try {
    return await readFile(`/proc/${String(pid)}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
