import { type AsyncLocalStorage } from 'node:async_hooks';
import { type Attributes, type Context, ROOT_CONTEXT, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { type TurnRecord } from '../core/turns/turn-record.js';
import { type TurnSummary } from './turn-summary.js';
import { TurnTracer } from './turn-tracer.js';

/**
 * A span a turn, below that of the request which asked for it, made when the turn is over. One whose request another
 * process had, before a restart of the server, begins a trace of its own.
 */
export class OtelTurnTracer extends TurnTracer {
  readonly #contexts = new Map<string, Context>();

  constructor(
    private readonly tracer: Tracer,
    private readonly active: AsyncLocalStorage<Context>,
  ) {
    super();
  }

  override accepted(turn: TurnRecord): void {
    const context = this.active.getStore();
    if (context) {
      this.#contexts.set(keyOf(turn), context);
    }
  }

  override ended(turn: TurnRecord, summary: TurnSummary): void {
    const parent = this.#contexts.get(keyOf(turn)) ?? ROOT_CONTEXT;
    this.#contexts.delete(keyOf(turn));
    const startTime = Date.parse(turn.startedAt ?? turn.createdAt);
    const span = this.tracer.startSpan('turn', { startTime, attributes: toAttributes(summary) }, parent);
    if (turn.status === 'failed') {
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(Math.max(startTime, Date.parse(turn.completedAt ?? turn.createdAt)));
  }
}

const keyOf = ({ threadId, turnId }: TurnRecord): string => `${threadId}/${turnId}`;

/** Names of the semantic conventions for generative AI where they have one. */
function toAttributes({ threadId, turnId, status, queuedMs, model, tokens }: TurnSummary): Attributes {
  return {
    'codex_web.thread_id': threadId,
    'codex_web.turn_id': turnId,
    'codex_web.turn_status': status,
    ...(queuedMs !== null && { 'codex_web.queued_ms': queuedMs }),
    ...(model !== null && { 'gen_ai.request.model': model }),
    ...(tokens.input !== undefined && { 'gen_ai.usage.input_tokens': tokens.input }),
    ...(tokens.output !== undefined && { 'gen_ai.usage.output_tokens': tokens.output }),
  };
}
