import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const started = new Set<ChildProcess>();
const STOP_GRACE_MS = 5_000;

/** Makes sure that the process ends with this one at the latest. */
export function own<Process extends ChildProcess>(child: Process): Process {
  started.add(child);
  child.once('close', () => started.delete(child));
  return child;
}

export function endWithThisProcess(): void {
  process.on('exit', () => {
    for (const child of started) {
      child.kill('SIGKILL');
    }
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(1));
  }
}

/** Asks a process to end, and ends it if it has not soon. */
export async function stop(child: ChildProcess): Promise<void> {
  if (!started.has(child)) {
    return;
  }
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await closed;
  clearTimeout(timer);
}

/** Resident memory in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout.trim()) * 1024;
}

/** The process that this one started. Throws when there are none or several. */
export async function onlyChildOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  const children = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid);
  const [child] = children;
  if (child?.[0] === undefined || children.length !== 1) {
    throw new Error(`Expected one child process of ${String(pid)}, found ${String(children.length)}.`);
  }
  return child[0];
}
