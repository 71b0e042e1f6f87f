import { toKnownEvent } from '../events/catalogue.js';
import { type EventDraft, type Instant } from '../events/event.js';
import { type TurnRecord } from './turn-record.js';
import { sum, type TokenCounts } from './usage-count.js';

/** What can happen to a turn. */
export type TurnInput =
  /** It goes to the engine now. */
  | { type: 'submitted' }
  /** The engine could not be asked; it waits for the next chance. */
  | { type: 'unsubmitted' }
  | { type: 'started'; engineTurnId: string }
  | { type: 'used'; counts: TokenCounts }
  /** The engine says how it ended. */
  | { type: 'ended'; status: 'completed' | 'interrupted' | 'failed'; error: unknown }
  /** It was in the queue and will not run. */
  | { type: 'cancelled' };

/** The next state of the turn; the same object when the input changes nothing (a final state stays). */
export function nextTurn(turn: TurnRecord, input: TurnInput, at: Instant): TurnRecord {
  if (input.type === 'used') {
    return { ...turn, tokenUsage: sum((turn.tokenUsage ?? {}) as TokenCounts, input.counts) };
  }
  if (isFinal(turn)) {
    return turn;
  }
  return turn.status === 'queued' ? nextQueued(turn, input, at) : nextRunning(turn, input, at);
}

function nextQueued(turn: TurnRecord, input: TurnInput, at: Instant): TurnRecord {
  switch (input.type) {
    case 'submitted':
      return { ...turn, isSubmitted: true };
    case 'unsubmitted':
      return { ...turn, isSubmitted: false };
    case 'cancelled':
      return { ...turn, status: 'cancelled', completedAt: at.iso };
    default:
      return nextRunning(turn, input, at);
  }
}

function nextRunning(turn: TurnRecord, input: TurnInput, at: Instant): TurnRecord {
  switch (input.type) {
    case 'started': {
      const { engineTurnId } = input;
      return { ...turn, status: 'in_progress', engineTurnId, startedAt: turn.startedAt ?? at.iso };
    }
    case 'ended':
      return { ...turn, ...toEnd(turn, at), status: input.status, error: input.error };
    default:
      return turn;
  }
}

function toEnd({ startedAt }: TurnRecord, at: Instant): Pick<TurnRecord, 'completedAt' | 'durationMs'> {
  const durationMs = startedAt === null ? null : Math.max(0, at.ms - Date.parse(startedAt));
  return { completedAt: at.iso, durationMs };
}

export function isFinal(turn: TurnRecord): boolean {
  return turn.status !== 'queued' && turn.status !== 'in_progress';
}

/**
 * The events that the service itself owes for a turn which ended while no engine was there to say so: that the engine
 * began anew, and the turn's end in the engine's own form.
 */
export function lostTurnEvents(turn: TurnRecord, reason: string): EventDraft[] {
  const { threadId, turnId } = turn;
  return [
    { threadId, turnId, event: toKnownEvent('engine/restarted', { reason }) },
    {
      threadId,
      turnId,
      event: toKnownEvent('turn/completed', {
        turn: {
          id: turnId,
          items: [],
          items_view: 'not_loaded',
          status: 'interrupted',
          error: null,
          started_at: toUnixSeconds(turn.startedAt),
          completed_at: toUnixSeconds(turn.completedAt),
          duration_ms: turn.durationMs,
        },
        token_usage: turn.tokenUsage ?? null,
      }),
    },
  ];
}

function toUnixSeconds(iso: string | null): number | null {
  return iso === null ? null : Math.floor(Date.parse(iso) / 1000);
}
