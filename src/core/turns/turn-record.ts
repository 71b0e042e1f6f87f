import { type TurnOptions } from '../engine/options.js';
import { type Ceiling } from '../permissions/ceiling.js';
import { type HistoryItem } from './history-items.js';

export const TURN_STATUSES = ['queued', 'in_progress', 'completed', 'interrupted', 'failed', 'cancelled'] as const;
export type TurnStatus = (typeof TURN_STATUSES)[number];

/** A turn as it is stored. */
export interface TurnRecord {
  turnId: string;
  threadId: string;
  /** The engine's own id, once it has begun. */
  engineTurnId: string | null;
  /** The place in the thread, from 0. */
  position: number;
  status: TurnStatus;
  /**
   * Whether the engine was asked to run it. A queued turn of which that is true, after a crash, is looked for in the
   * engine's history before it is run again.
   */
  isSubmitted: boolean;
  /** The caller's input, as given. */
  input: readonly unknown[];
  /** What the caller set for this turn and the next ones (`model`, `cwd` …), as given. */
  options: TurnOptions;
  /** What the model is to remember before it; put there when the turn is handed over. */
  history?: readonly HistoryItem[];
  /** Of its caller, for when it has waited. The engine's own turns have none, nor have those of earlier versions. */
  ceiling?: Ceiling;
  /** `{message, codex_error_info, additional_details}` of a failed turn. */
  error: unknown;
  /** RFC 3339, UTC, milliseconds. */
  createdAt: string;
  startedAt: string | null;
  completedAt: string | null;
  durationMs: number | null;
  /** This turn's own: the difference of the thread's totals. */
  tokenUsage: unknown;
}

/** An item of a turn as it is stored: the engine's ThreadItem in snake_case, as JSON text. */
export interface ItemRecord {
  threadId: string;
  turnId: string;
  itemId: string;
  /** The place in the thread, from 0. */
  position: number;
  json: string;
}
