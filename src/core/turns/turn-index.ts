import { type Page } from '../threads/thread-index.js';
import { type ItemRecord, type TurnRecord, type TurnStatus } from './turn-record.js';

export interface HistoryQuery {
  sortDirection: 'asc' | 'desc';
  limit: number;
  cursor?: string;
}

export interface TurnQuery extends HistoryQuery {
  status?: TurnStatus;
}

/** The places that the next turn and the next item of a thread take, from 0. */
export interface Positions {
  turn: number;
  item: number;
}

/** Finds stored turns and items without asking the engine. */
export abstract class TurnIndex {
  abstract findTurn(threadId: string, turnId: string): TurnRecord | undefined;

  /** Our id of the thread's turn that the engine knows under this one. */
  abstract findByEngineId(threadId: string, engineTurnId: string): string | undefined;

  /** By position. Throws `invalid_request` for a cursor that it did not give. */
  abstract listTurns(threadId: string, query: TurnQuery): Page<TurnRecord>;

  /** By position; of one turn when `turnId` is given. */
  abstract listItems(threadId: string, query: HistoryQuery & { turnId?: string }): Page<ItemRecord>;

  /** All items of these turns, by position. */
  abstract itemsOf(threadId: string, turnIds: readonly string[]): ItemRecord[];

  /** Turns that are queued or in progress, of all threads, by position: what a start of the server has to settle. */
  abstract openTurns(): TurnRecord[];

  /** The thread's turns that wait, by position. */
  abstract queuedTurns(threadId: string): TurnRecord[];

  /** The thread's turns that never began in the engine, or not yet, by position. */
  abstract turnsNeverBegun(threadId: string): TurnRecord[];

  /** The next free positions of a thread. */
  abstract nextPositions(threadId: string): Positions;
}
