import { Counter, Histogram, type Registry } from 'prom-client';
import { type TurnSummary } from './turn-summary.js';

const DURATION_BUCKETS_SECONDS = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
/** Callers name models freely; past this many, what is used under further names is counted as `other`. */
const MAX_MODELS = 50;

/** How turns end, how long they take, and what they use. */
export class TurnMetrics {
  readonly #finished: Counter<'status'>;
  readonly #durations: Histogram<'status'>;
  readonly #tokens: Counter<'model' | 'kind'>;
  readonly #models = new Set<string>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#finished = new Counter({
      name: 'codex_web_turns_finished_total',
      help: 'Turns that are over, by how they ended.',
      labelNames: ['status'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'codex_web_turn_duration_seconds',
      help: 'From the start of a turn to its end.',
      labelNames: ['status'],
      buckets: DURATION_BUCKETS_SECONDS,
      registers,
    });
    this.#tokens = new Counter({
      name: 'codex_web_tokens_total',
      help: 'Tokens that turns used, by model and kind; total is input and output together.',
      labelNames: ['model', 'kind'],
      registers,
    });
  }

  count({ status, durationMs, model, tokens }: TurnSummary): void {
    this.#finished.inc({ status });
    if (durationMs !== null) {
      this.#durations.observe({ status }, durationMs / 1000);
    }
    for (const [kind, value] of Object.entries(tokens)) {
      this.#tokens.inc({ model: this.#toLabel(model), kind }, Math.max(0, value));
    }
  }

  #toLabel(model: string | null): string {
    const name = model ?? 'unknown';
    if (this.#models.size < MAX_MODELS) {
      this.#models.add(name);
    }
    return this.#models.has(name) ? name : 'other';
  }
}
