import { type TurnOptions } from '../engine/options.js';
import { type Authority } from '../permissions/authority.js';
import { type HistoryItem } from './history-items.js';
import { type TurnRecord } from './turn-record.js';

/** What a caller wants to be done. */
export interface TurnRequest {
  /** Its id; a new one without it. */
  turnId?: string;
  /** An earlier attempt with this id may have been accepted, or have steered a turn. */
  isRetry?: boolean;
  input: readonly unknown[];
  options: TurnOptions;
  /** What the model is to remember before it. */
  history?: readonly HistoryItem[];
  /** On whose behalf it runs; also later, when it has waited. */
  authority: Authority;
}

/** The record of a turn that has been accepted. */
export function toNewTurn(
  { input, options, history, authority }: Omit<TurnRequest, 'authority'> & Partial<TurnRequest>,
  place: Pick<TurnRecord, 'turnId' | 'threadId' | 'position' | 'createdAt'>,
): TurnRecord {
  return {
    ...place,
    engineTurnId: null,
    status: 'queued',
    isSubmitted: false,
    input,
    options,
    ...(history && history.length > 0 && { history }),
    ...(authority && { ceiling: authority.ceiling }),
    error: null,
    startedAt: null,
    completedAt: null,
    durationMs: null,
    tokenUsage: null,
  };
}
