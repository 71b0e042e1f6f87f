import { type TurnRecord } from '../core/turns/turn-record.js';

/** A turn as it is told to an operator: who and how long, never what. */
export interface TurnSummary {
  threadId: string;
  turnId: string;
  status: TurnRecord['status'];
  /** From its acceptance to its start; `null` when it never started. */
  queuedMs: number | null;
  /** From its start to its end; `null` when it never started. */
  durationMs: number | null;
  model: string | null;
  /** By kind (`input`, `cached_input`, `output`, `reasoning_output`, `total`); empty when the model was not asked. */
  tokens: Readonly<Record<string, number>>;
}

export function toTurnSummary(turn: TurnRecord, threadModel: string | null): TurnSummary {
  const { threadId, turnId, status, durationMs, createdAt, startedAt, options } = turn;
  return {
    threadId,
    turnId,
    status,
    queuedMs: startedAt === null ? null : Math.max(0, Date.parse(startedAt) - Date.parse(createdAt)),
    durationMs,
    model: typeof options.model === 'string' ? options.model : threadModel,
    tokens: toTokens(turn.tokenUsage),
  };
}

/** `{input_tokens: 3}` → `{input: 3}`. */
function toTokens(usage: unknown): Record<string, number> {
  const counts = Object.entries((usage ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    counts.flatMap(([key, value]) =>
      typeof value === 'number' && key.endsWith('_tokens') ? [[key.slice(0, -'_tokens'.length), value]] : [],
    ),
  );
}
