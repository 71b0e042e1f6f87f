import { type Log } from '../core/log.js';
import { type ThreadIndex } from '../core/threads/thread-index.js';
import { TurnObserver } from '../core/turns/turn-observer.js';
import { type TurnRecord } from '../core/turns/turn-record.js';
import { type TurnMetrics } from './turn-metrics.js';
import { type TurnTracer } from './turn-tracer.js';
import { toTurnSummary } from './turn-summary.js';

export interface TurnWatchParts {
  log: Log;
  metrics: TurnMetrics;
  /** `undefined`: nothing is traced. */
  tracer: TurnTracer | undefined;
  threads: Pick<ThreadIndex, 'find'>;
}

/** Tells of each turn that is over: a line in the log, the figures, and a span where traces are wanted. */
export class TurnWatch extends TurnObserver {
  constructor(private readonly parts: TurnWatchParts) {
    super();
  }

  override accepted(turn: TurnRecord): void {
    this.parts.tracer?.accepted(turn);
  }

  override ended(turn: TurnRecord): void {
    const { log, metrics, tracer } = this.parts;
    const summary = toTurnSummary(turn, this.#findModel(turn.threadId));
    const { threadId, turnId, status, queuedMs, durationMs, model, tokens } = summary;
    log.write('info', 'turn', { threadId, turnId, status, queuedMs, ms: durationMs, model, tokens });
    metrics.count(summary);
    tracer?.ended(turn, summary);
  }

  /** A store that fails is told of by others; here it only means that the model is not known. */
  #findModel(threadId: string): string | null {
    try {
      return this.parts.threads.find(threadId)?.model ?? null;
    } catch {
      return null;
    }
  }
}
