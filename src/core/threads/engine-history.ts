import { type Engine } from '../engine/engine.js';
import { ServiceError } from '../errors.js';
import { type HistoryQuery, type TurnIndex, type TurnQuery } from '../turns/turn-index.js';
import { type ItemRecord, type TurnRecord } from '../turns/turn-record.js';
import { fromEngine, isOwnTurn, type WholeTurn } from './engine-turns.js';
import {
  type HistoryPosition,
  invalidCursor,
  parsePositionCursor,
  START,
  toPositionCursor,
} from './history-position.js';
import { HistoryWalk, type WalkedTurn } from './history-walk.js';
import { type Page } from './thread-index.js';
import { type Thread } from './thread.js';
import { unreadable } from './unreadable.js';

const MAX_PAGE_TURNS = 100;
/** As many as are read for a page of items, which most turns have a few of. */
const PAGE_TURNS_OF_ITEMS = 20;

/**
 * The history of a thread that is the engine's: another client made it, or what it was forked from. It is read there, as
 * much of it as is asked for, and nothing of it is copied; what this server ran in the thread is known here better.
 */
export class EngineHistory {
  constructor(private readonly ports: { engine: Engine; turns: TurnIndex }) {}

  async listTurns(thread: Thread, { status, ...query }: TurnQuery): Promise<Page<WholeTurn>> {
    const { sortDirection, limit, cursor } = query;
    const list = `turns/${thread.threadId}/${status ?? ''}/${sortDirection}`;
    const from = cursor === undefined ? START : parsePositionCursor(cursor, list);
    const walk = this.#walk(thread, { sortDirection, pageTurns: status === undefined ? limit : MAX_PAGE_TURNS, from });
    const data: WholeTurn[] = [];
    await reading(thread, cursor, async () => {
      for (let next = await walk.next(); next; next = data.length < limit ? await walk.next() : undefined) {
        const whole = this.#toWhole(thread, next);
        if (status === undefined || whole.turn.status === status) {
          data.push(whole);
        }
      }
    });
    return { data, nextCursor: walk.position && toPositionCursor(list, walk.position) };
  }

  async listItems(thread: Thread, { sortDirection, limit, cursor }: HistoryQuery): Promise<Page<ItemRecord>> {
    const list = `items/${thread.threadId}/${sortDirection}`;
    const from = cursor === undefined ? START : parsePositionCursor(cursor, list);
    const walk = this.#walk(thread, { sortDirection, pageTurns: PAGE_TURNS_OF_ITEMS, from });
    const data: ItemRecord[] = [];
    const end = await reading(thread, cursor, async () => {
      let position: HistoryPosition | null = from;
      let told = from.items;
      while (position && data.length < limit) {
        const next = await walk.next();
        const items = next ? inDirection(this.#toWhole(thread, next).items, sortDirection) : [];
        const taken = items.slice(told, told + limit - data.length);
        data.push(...taken);
        told += taken.length;
        if (told < items.length) {
          position = { ...position, items: told };
        } else {
          position = walk.position && { ...walk.position, items: 0 };
          told = 0;
        }
      }
      return position;
    });
    return { data, nextCursor: end && toPositionCursor(list, end) };
  }

  /** `undefined` where the thread has no such turn. */
  async findTurn(thread: Thread, turnId: string): Promise<WholeTurn | undefined> {
    const { engine, turns } = this.ports;
    const known = thread.findTurn(turnId);
    if (known && (thread.findLiveTurn(turnId) ?? isOwnTurn(known))) {
      return this.#withItems(known);
    }
    const { engineThreadId } = thread.record;
    const engineTurn = await engine.findTurn(engineThreadId, turnId).catch(unreadable(thread.record));
    const ownId = engineTurn && turns.findByEngineId(thread.threadId, turnId);
    const isKnownOtherwise = ownId !== undefined && ownId !== turnId;
    return engineTurn && !isKnownOtherwise ? this.#toWhole(thread, { engineTurn }) : undefined;
  }

  /** Oldest first. */
  async all(thread: Thread): Promise<WholeTurn[]> {
    const all: WholeTurn[] = [];
    for await (const whole of this.#each(thread, 'asc', MAX_PAGE_TURNS)) {
      all.push(whole);
    }
    return all;
  }

  /** The newest first; no more is read than is taken. */
  async *backwards(thread: Thread, pageTurns: number): AsyncGenerator<WholeTurn, void, undefined> {
    yield* this.#each(thread, 'desc', Math.min(pageTurns, MAX_PAGE_TURNS));
  }

  async *#each(thread: Thread, sortDirection: 'asc' | 'desc', pageTurns: number): AsyncGenerator<WholeTurn, void> {
    const walk = this.#walk(thread, { sortDirection, pageTurns, from: START });
    for (;;) {
      const next = await walk.next().catch(unreadable(thread.record));
      if (!next) {
        return;
      }
      yield this.#toWhole(thread, next);
    }
  }

  #walk(thread: Thread, request: Pick<WalkOptions, 'sortDirection' | 'pageTurns' | 'from'>): HistoryWalk {
    const { engineThreadId } = thread.record;
    const findPosition = (engineTurnId: string): number | undefined => this.#findOwn(thread, engineTurnId)?.position;
    const ownTurns = this.#ownTurns(thread);
    return new HistoryWalk(this.ports.engine, { ...request, engineThreadId, ownTurns, findPosition });
  }

  /** What the engine's history may lack: turns that never began, and the one that runs. */
  #ownTurns(thread: Thread): TurnRecord[] {
    const stored = this.ports.turns.turnsNeverBegun(thread.threadId);
    const neverBegun = stored.map((turn) => thread.findLiveTurn(turn.turnId) ?? turn);
    const { activeTurn: active } = thread;
    const others = neverBegun.filter(({ turnId }) => turnId !== active?.turnId);
    return active ? [...others, active].sort(byPosition) : others;
  }

  #toWhole(thread: Thread, walked: WalkedTurn): WholeTurn {
    if ('ownTurn' in walked) {
      return this.#withItems(walked.ownTurn);
    }
    const own = this.#findOwn(thread, walked.engineTurn.engineTurnId);
    return own ? this.#withItems(own) : fromEngine(thread.threadId, walked.engineTurn);
  }

  #findOwn(thread: Thread, engineTurnId: string): TurnRecord | undefined {
    const turnId = this.ports.turns.findByEngineId(thread.threadId, engineTurnId);
    const turn = turnId === undefined ? undefined : thread.findTurn(turnId);
    return turn && (thread.findLiveTurn(turn.turnId) ?? isOwnTurn(turn)) ? turn : undefined;
  }

  #withItems(turn: TurnRecord): WholeTurn {
    return { turn, items: this.ports.turns.itemsOf(turn.threadId, [turn.turnId]) };
  }
}

interface WalkOptions {
  sortDirection: 'asc' | 'desc';
  pageTurns: number;
  from: HistoryPosition;
}

/** The engine refuses a cursor that is none of its own. */
async function reading<T>(thread: Thread, cursor: string | undefined, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (cursor !== undefined && error instanceof ServiceError && error.code === 'invalid_request') {
      throw invalidCursor(error);
    }
    return unreadable(thread.record)(error);
  }
}

function inDirection<T>(values: readonly T[], sortDirection: 'asc' | 'desc'): readonly T[] {
  return sortDirection === 'asc' ? values : [...values].reverse();
}

const byPosition = (one: TurnRecord, other: TurnRecord): number => one.position - other.position;
