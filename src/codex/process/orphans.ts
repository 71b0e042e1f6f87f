import { setTimeout as wait } from 'node:timers/promises';
import { type Log } from '../../core/log.js';
import { hasMark, isOfCommand, type EngineMark } from './engine-mark.js';
import {
  ancestorsOf,
  descendantsOf,
  type ProcessEntry,
  readEnvironment,
  readProcess,
  readProcesses,
} from './process-table.js';

/** What is known of an engine whose children are looked for. */
export interface KnownEngine {
  pid: number | undefined;
  mark: EngineMark;
  /** Its descendants when it was last looked at. */
  descendants: readonly ProcessEntry[];
}

type Predicate = (environment: string, entry: ProcessEntry) => boolean;

/** How long a process may take to end when asked, before it is made to. */
const GRACE_MS = 500;
const POLL_MS = 25;

/**
 * Finds and ends what engines left behind. A process is an engine's when its environment has the mark, when it was seen
 * below the engine (by pid and time of start), or when it is in the session that the engine began: whatever else runs
 * on the host is left alone. On a system without /proc nothing is found.
 */
export class Orphans {
  #ended = 0;

  constructor(
    /** The common part of the marks of this server's engines. */
    private readonly serverMark: string,
    private readonly log: Log,
  ) {}

  get ended(): number {
    return this.#ended;
  }

  /** Everything that any engine of this data directory started, in this run or an earlier one, and that is still there. */
  async endAll(): Promise<void> {
    const processes = (await readProcesses()) ?? [];
    const marked = await this.#filter(processes, (environment) => hasMark(environment, this.serverMark));
    await this.#end(marked, processes);
  }

  /** What an engine that died left behind. */
  async endOf(engine: KnownEngine): Promise<void> {
    const processes = (await readProcesses()) ?? [];
    await this.#end(await this.#filter(processes, isOf(engine)), processes);
  }

  /**
   * What MCP servers left behind, of an engine that lives or was ended in good order: started by it, and no longer below
   * it. Commands that a turn detached on purpose stay.
   */
  async endStraysOf(engine: KnownEngine): Promise<void> {
    const processes = (await readProcesses()) ?? [];
    const { pid = 0 } = engine;
    const below = new Set(descendantsOf(pid, processes).map((entry) => entry.pid)).add(pid);
    const others = processes.filter((entry) => !below.has(entry.pid));
    const isEngines = isOf(engine);
    const strays = await this.#filter(
      others,
      (environment, entry) => !isOfCommand(environment) && isEngines(environment, entry),
    );
    await this.#end(strays, processes);
  }

  async #filter(processes: readonly ProcessEntry[], isMeant: Predicate): Promise<ProcessEntry[]> {
    const found: ProcessEntry[] = [];
    for (const entry of processes) {
      if (isMeant(await readEnvironment(entry.pid), entry)) {
        found.push(entry);
      }
    }
    return found;
  }

  /** Asks them to end, and makes those end that do not. A server that runs below one of its own engines spares itself. */
  async #end(found: readonly ProcessEntry[], processes: readonly ProcessEntry[]): Promise<void> {
    const own = new Set([process.pid, ...ancestorsOf(process.pid, processes)]);
    let left = found.filter(({ pid }) => !own.has(pid));
    if (left.length === 0) {
      return;
    }
    this.#ended += left.length;
    this.log.write('warn', 'Processes that an engine left behind are ended.', { pids: left.map(({ pid }) => pid) });
    signalAll(left, 'SIGTERM');
    for (let waitedMs = 0; waitedMs < GRACE_MS && left.length > 0; waitedMs += POLL_MS) {
      await wait(POLL_MS);
      left = await stillThere(left);
    }
    signalAll(left, 'SIGKILL');
  }
}

function isOf({ pid, mark, descendants }: KnownEngine): Predicate {
  const starts = new Map(descendants.map((entry) => [entry.pid, entry.startTicks]));
  return (environment, entry) =>
    entry.sessionId === pid || starts.get(entry.pid) === entry.startTicks || hasMark(environment, mark.text);
}

async function stillThere(processes: readonly ProcessEntry[]): Promise<ProcessEntry[]> {
  const now = await Promise.all(processes.map(({ pid }) => readProcess(pid)));
  return processes.filter(({ startTicks }, index) => now[index]?.startTicks === startTicks);
}

function signalAll(processes: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // Ended meanwhile, or of a user that is not ours to signal.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) {
        throw error;
      }
    }
  }
}
