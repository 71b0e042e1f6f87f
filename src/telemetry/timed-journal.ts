import { Counter, Histogram, type Registry } from 'prom-client';
import { Journal, type JournalEntry } from '../core/events/journal.js';

const BUCKETS_SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Measures what the service waits for before an event may be seen. */
export class TimedJournal extends Journal {
  readonly #journal: Journal;
  readonly #durations: Histogram;
  readonly #failures: Counter;
  readonly #events: Counter;

  constructor(journal: Journal, registry: Registry) {
    super();
    const registers = [registry];
    this.#journal = journal;
    this.#durations = new Histogram({
      name: 'codex_web_storage_commit_duration_seconds',
      help: 'From handing over a transaction to its being on the disk.',
      buckets: BUCKETS_SECONDS,
      registers,
    });
    this.#failures = new Counter({
      name: 'codex_web_storage_commit_failures_total',
      help: 'Transactions that could not be stored; each is tried again until it can.',
      registers,
    });
    this.#events = new Counter({
      name: 'codex_web_events_recorded_total',
      help: 'Events that became durable.',
      registers,
    });
  }

  override async write(entry: JournalEntry): Promise<void> {
    const beganMs = performance.now();
    try {
      await this.#journal.write(entry);
    } catch (error) {
      this.#failures.inc();
      throw error;
    }
    this.#durations.observe((performance.now() - beganMs) / 1000);
    this.#events.inc(entry.events.length);
  }
}
