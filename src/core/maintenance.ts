import { type Log } from './log.js';

const INTERVAL_MS = 60_000;

export interface MaintenanceJob {
  /** For the log, after "Maintenance failed: ". */
  name: string;
  /** Resolves with what is worth a line of the log, or nothing. Ends early when it is told to. */
  run: (signal: AbortSignal) => Promise<Readonly<Record<string, unknown>> | undefined>;
}

/** What is to be done; edges add their own. */
export class MaintenanceJobs {
  readonly #all: MaintenanceJob[] = [];

  add(...jobs: readonly MaintenanceJob[]): void {
    this.#all.push(...jobs);
  }

  [Symbol.iterator](): Iterator<MaintenanceJob> {
    return this.#all.values();
  }
}

/** Does what a server that runs for long needs done now and then: one job at a time, in the background. */
export class Maintenance {
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  constructor(
    private readonly jobs: Iterable<MaintenanceJob>,
    private readonly log: Log,
    private readonly intervalMs = INTERVAL_MS,
  ) {}

  /** The first round begins at once, and nobody waits for it. */
  start(): void {
    this.#begin();
    this.#timer = setInterval(() => {
      this.#begin();
    }, this.intervalMs).unref();
  }

  /** Resolves when nothing is being done any more. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#round;
  }

  /** A round that takes longer than the interval is not begun twice. */
  #begin(): void {
    this.#round ??= this.#runAll().finally(() => {
      this.#round = undefined;
    });
  }

  /** A job that fails is tried again in the next round, and keeps no other from being done. */
  async #runAll(): Promise<void> {
    const { signal } = this.#stopping;
    for (const { name, run } of this.jobs) {
      if (signal.aborted) {
        return;
      }
      try {
        const done = await run(signal);
        if (done) {
          this.log.write('info', `Maintenance done: ${name}.`, { ...done });
        }
      } catch (error) {
        this.log.write('warn', `Maintenance failed: ${name}.`, { err: error });
      }
    }
  }
}
