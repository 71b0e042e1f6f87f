import { type EngineTurn } from '../engine/engine.js';
import { toItemIds } from '../turns/item-ids.js';
import { type ItemRecord, type TurnRecord } from '../turns/turn-record.js';
import { type ThreadRecord } from './thread-record.js';

/** Whether the engine's history of the thread is the whole one, of which this server has stored its own turns only. */
export function isEnginesHistory({ isForeign, hasEngineHistory }: ThreadRecord): boolean {
  return isForeign || hasEngineHistory === true;
}

/** A turn with its items, in order. */
export interface WholeTurn {
  turn: TurnRecord;
  items: ItemRecord[];
}

/** Of a turn that is not stored here. */
export const NO_POSITION = -1;

/** What another client ran, from the engine's history. */
export function fromEngine(threadId: string, engineTurn: EngineTurn): WholeTurn {
  const { engineTurnId: turnId } = engineTurn;
  const itemIds = toItemIds(engineTurn.items.map(({ id }) => String(id)));
  const items = engineTurn.items.map((item, position) => {
    const itemId = itemIds[position] ?? '';
    return { threadId, turnId, itemId, position, json: JSON.stringify({ ...item, id: itemId }) };
  });
  return { turn: toTurnRecord(threadId, engineTurn), items };
}

/** Whether this server has run it: what it knows of such a turn is more than the engine's history has. */
export function isOwnTurn({ turnId, engineTurnId, isSubmitted, tokenUsage }: TurnRecord): boolean {
  return turnId !== engineTurnId || isSubmitted || tokenUsage !== null;
}

function toTurnRecord(threadId: string, turn: EngineTurn): TurnRecord {
  const message = turn.items.find((item) => item.type === 'user_message');
  const input = Array.isArray(message?.content) ? (message.content as unknown[]) : [];
  return {
    turnId: turn.engineTurnId,
    threadId,
    engineTurnId: turn.engineTurnId,
    position: NO_POSITION,
    // Nobody here runs it, whatever it was when its own client last wrote.
    status: turn.status === 'in_progress' ? 'interrupted' : turn.status,
    isSubmitted: false,
    input,
    options: {},
    error: turn.error,
    createdAt: turn.startedAt ?? new Date(0).toISOString(),
    startedAt: turn.startedAt,
    completedAt: turn.completedAt,
    durationMs: turn.durationMs,
    tokenUsage: null,
  };
}
