import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Log } from '../../core/log.js';
import { RequestMetrics } from './request-metrics.js';

type Read = () => void | Promise<void>;

/**
 * What this process counts, in Prometheus's text format. Most figures are not kept here but read when somebody asks, so
 * that they cost nothing otherwise.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly requests = new RequestMetrics();
  readonly #reads: Read[] = [];
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
    this.requests.register(this.registry);
    collectDefaultMetrics({ register: this.registry });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Brings the gauges up to date that a part of the service feeds; called for each scrape. */
  onScrape(read: Read): void {
    this.#reads.push(read);
  }

  /** All figures. One that can't be read now is told as it was, and the log says why. */
  async toText(): Promise<string> {
    const outcomes = await Promise.allSettled(this.#reads.map(async (read) => read()));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        this.#log.write('warn', 'A part of the metrics could not be read.', { err: outcome.reason });
      }
    }
    return this.registry.metrics();
  }
}
