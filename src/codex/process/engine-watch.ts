import { type Log } from '../../core/log.js';
import { type EngineHost } from './engine-host.js';
import { type EnginePool } from './engine-pool.js';
import { descendantsOf, type ProcessEntry, readProcesses, readResidentBytes } from './process-table.js';
import { minRecycleAgeMs, type RecycleLimits, recycleReason, wasReplacedSoon } from './recycle-policy.js';

export interface WatchOptions extends RecycleLimits {
  checkIntervalMs: number;
}

/** Looks at the engine's processes every so often, and has those replaced that have outgrown their limits. */
export class EngineWatch {
  /** By place: how many replacements followed soon after one another. */
  readonly #inARow = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    private readonly pool: EnginePool,
    private readonly options: WatchOptions,
    private readonly log: Log,
  ) {}

  async start(): Promise<void> {
    const { maxMemoryBytes, maxChildren } = this.options;
    if ((await readProcesses()) === undefined && maxMemoryBytes + maxChildren > 0) {
      this.log.write('info', "This platform does not tell what processes take up: the engine's memory is not watched.");
    }
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (!this.#isStopped) {
      this.#timer = setTimeout(() => {
        this.#check()
          .catch((error: unknown) => {
            this.log.write('error', "The engine's processes could not be looked at.", { err: error });
          })
          .finally(() => {
            this.#schedule();
          });
      }, this.options.checkIntervalMs);
      this.#timer.unref();
    }
  }

  async #check(): Promise<void> {
    this.pool.remind();
    const processes = await readProcesses();
    for (const host of this.pool.all) {
      await this.#measure(host, processes);
    }
    for (const host of this.pool.hosts) {
      await this.#replaceIfNeeded(host);
    }
  }

  async #measure(host: EngineHost, processes: readonly ProcessEntry[] | undefined): Promise<void> {
    const { supervisor, activity } = host;
    const { pid } = supervisor;
    if (pid === undefined || processes === undefined) {
      host.sample = undefined;
      return;
    }
    const below = descendantsOf(pid, processes);
    supervisor.note(below);
    const sizes = await Promise.all([pid, ...below.map((entry) => entry.pid)].map(readResidentBytes));
    const left = processes.filter((entry) => entry.sessionId === pid && entry.pid !== pid && !below.includes(entry));
    host.sample = { rssBytes: sizes.reduce((sum, bytes) => sum + bytes, 0), children: below.length + left.length };
    if (left.length > 0 && activity.threads.size === 0 && activity.callsInFlight === 0) {
      await this.pool.orphans.endStraysOf(supervisor.known);
    }
  }

  async #replaceIfNeeded(host: EngineHost): Promise<void> {
    const { place, supervisor, sample } = host;
    const { checkIntervalMs } = this.options;
    const inARow = this.#inARow.get(place) ?? 0;
    const ageMs = supervisor.ageMs;
    const reason = host.isStale ? 'The account was changed.' : recycleReason(sample, ageMs, this.options);
    if (reason === undefined || !supervisor.isReady || ageMs < minRecycleAgeMs(checkIntervalMs, inARow)) {
      return;
    }
    if (await this.pool.replace(host, reason)) {
      this.#inARow.set(place, wasReplacedSoon(ageMs, checkIntervalMs, inARow) ? inARow + 1 : 0);
    }
  }
}
