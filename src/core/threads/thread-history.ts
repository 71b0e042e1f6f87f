import { type Engine, type EngineTurn } from '../engine/engine.js';
import { ServiceError } from '../errors.js';
import { type EventRecorder } from '../events/event-recorder.js';
import { type HistoryQuery, type TurnIndex, type TurnQuery, type Positions } from '../turns/turn-index.js';
import { type ItemRecord, type TurnRecord, type TurnStatus } from '../turns/turn-record.js';
import { EngineHistory } from './engine-history.js';
import { fromEngine, isEnginesHistory, isOwnTurn, NO_POSITION, type WholeTurn } from './engine-turns.js';
import { toItemPage } from './item-page.js';
import { type Page } from './thread-index.js';
import { type ThreadManager } from './thread-manager.js';
import { type Thread } from './thread.js';
import { unreadable } from './unreadable.js';

const PAGE_TURNS = 100;

export interface ThreadHistoryPorts {
  engine: Engine;
  recorder: EventRecorder;
  turns: TurnIndex;
  manager: ThreadManager;
}

export interface TurnWithItems {
  turn: TurnRecord;
  /** JSON texts, in order. */
  items: string[];
}

/** Statuses that no turn has in the engine's history. */
const OWN_STATUSES: readonly TurnStatus[] = ['queued', 'in_progress', 'cancelled'];

/**
 * The turns and items of a thread: from our own store, save for threads of other Codex clients, whose history is read from
 * the engine.
 */
export class ThreadHistory {
  readonly #engines: EngineHistory;

  constructor(private readonly ports: ThreadHistoryPorts) {
    this.#engines = new EngineHistory(ports);
  }

  /** With a status: those that have it now, whatever is stored of them yet. */
  async listTurns(threadId: string, query: TurnQuery): Promise<Page<TurnWithItems>> {
    const foreign = await this.#findForeign(threadId);
    if (foreign && !(query.status && OWN_STATUSES.includes(query.status))) {
      const { data, nextCursor } = await this.#engines.listTurns(foreign, query);
      return { data: data.map(toTurnWithItems), nextCursor };
    }
    const thread = foreign ?? this.ports.manager.findLive(threadId);
    const page = this.ports.turns.listTurns(threadId, query);
    const live = page.data.map((turn) => thread?.findLiveTurn(turn.turnId) ?? turn);
    const fitting = live.filter(({ status }) => query.status === undefined || status === query.status);
    return { data: this.#withItems(threadId, fitting), nextCursor: page.nextCursor };
  }

  async listItems(threadId: string, query: HistoryQuery & { turnId?: string }): Promise<Page<ItemRecord>> {
    const { turnId, ...page } = query;
    const foreign = await this.#findForeign(threadId);
    if (turnId !== undefined) {
      const { turn, items } = await this.#requireWhole(threadId, turnId);
      // A turn that is stored has its items stored.
      return turn.position === NO_POSITION ? toItemPage(items, query) : this.ports.turns.listItems(threadId, query);
    }
    return foreign ? this.#engines.listItems(foreign, page) : this.ports.turns.listItems(threadId, page);
  }

  /** Throws `turn_not_found`. */
  async requireTurn(threadId: string, turnId: string): Promise<TurnRecord> {
    return (await this.#requireWhole(threadId, turnId)).turn;
  }

  async requireTurnWithItems(threadId: string, turnId: string): Promise<TurnWithItems> {
    return toTurnWithItems(await this.#requireWhole(threadId, turnId));
  }

  /** Of a turn that this server has stored. */
  withItems(threadId: string, turn: TurnRecord): TurnWithItems {
    if (turn.startedAt === null && (turn.status === 'queued' || turn.status === 'in_progress')) {
      return { turn, items: [] };
    }
    return { turn, items: this.ports.turns.itemsOf(threadId, [turn.turnId]).map(({ json }) => json) };
  }

  /** Oldest first. */
  async allTurns(threadId: string): Promise<TurnRecord[]> {
    return (await this.allTurnsWithItems(threadId)).map(({ turn }) => turn);
  }

  /** Oldest first. */
  async allTurnsWithItems(threadId: string): Promise<TurnWithItems[]> {
    const foreign = await this.#findForeign(threadId);
    if (foreign) {
      return (await this.#engines.all(foreign)).map(toTurnWithItems);
    }
    return this.#withItems(threadId, [...this.#stored(threadId)]);
  }

  /**
   * The turns after `turnId`, or the last `numTurns`, oldest first, and the one before them. Reads no more than that. Throws
   * `turn_not_found`, and `invalid_request` where there are fewer.
   */
  async lastTurns(
    threadId: string,
    to: RollbackPoint,
  ): Promise<{ kept: TurnRecord | undefined; dropped: TurnRecord[] }> {
    const dropped: TurnRecord[] = [];
    for await (const turn of this.#backwards(threadId, to.numTurns ?? PAGE_TURNS)) {
      if (to.turnId === undefined ? dropped.length === to.numTurns : turn.turnId === to.turnId) {
        return { kept: turn, dropped: dropped.reverse() };
      }
      dropped.push(turn);
    }
    if (to.turnId === undefined && dropped.length === to.numTurns) {
      return { kept: undefined, dropped: dropped.reverse() };
    }
    throw to.turnId === undefined ? tooMany(dropped.length) : notFound();
  }

  /**
   * Gives a thread that was forked the history that it began with. What the engine has of it is left there if the source's
   * is; what is known here of turns that it shares with the source is taken over, so that a turn has one id, and is as
   * well known, in both. `last`: the turn that it was forked at, if not the last one.
   */
  async carryOver(fork: Thread, source: Thread, last?: TurnRecord): Promise<void> {
    if (!isEnginesHistory(source.record)) {
      await this.#import(fork, source);
      return;
    }
    const next = this.ports.turns.nextPositions(fork.threadId);
    for (const turn of this.#stored(source.threadId)) {
      const isShared = turn.engineTurnId !== null && isOwnTurn(turn) && isNoLater(turn, last);
      if (isShared && this.ports.turns.findTurn(fork.threadId, turn.turnId) === undefined) {
        const items = this.ports.turns.itemsOf(source.threadId, [turn.turnId]);
        this.#put(fork.threadId, { turn, items }, next);
      }
    }
    await this.#carriedOver(fork, next);
  }

  /** Brings the engine's history of a fork, with what the source has stored of it, into our store. */
  async #import(fork: Thread, source: Thread): Promise<void> {
    const { threadId, record } = fork;
    const next = this.ports.turns.nextPositions(threadId);
    for (const engineTurn of await this.#engineTurns(record.engineThreadId).catch(unreadable(record))) {
      if (this.ports.turns.findByEngineId(threadId, engineTurn.engineTurnId) === undefined) {
        const shared = this.#findByEngineId(source.threadId, engineTurn.engineTurnId);
        this.#put(threadId, shared ?? fromEngine(threadId, engineTurn), next);
      }
    }
    await this.#carriedOver(fork, next);
  }

  async #carriedOver(fork: Thread, next: Positions): Promise<void> {
    await this.ports.recorder.durable();
    fork.importedTurns(next);
  }

  /** Stores a turn with its items in the next places. */
  #put(threadId: string, { turn, items }: WholeTurn, next: Positions): void {
    this.ports.recorder.turn({ ...turn, threadId, position: next.turn++ });
    for (const item of items) {
      this.ports.recorder.item({ ...item, threadId, position: next.item++ });
    }
  }

  #findByEngineId(threadId: string, engineTurnId: string): WholeTurn | undefined {
    const turnId = this.ports.turns.findByEngineId(threadId, engineTurnId);
    const turn = turnId === undefined ? undefined : this.ports.turns.findTurn(threadId, turnId);
    return turn && { turn, items: this.ports.turns.itemsOf(threadId, [turn.turnId]) };
  }

  async #requireWhole(threadId: string, turnId: string): Promise<WholeTurn> {
    const foreign = await this.#findForeign(threadId);
    const whole = foreign ? await this.#engines.findTurn(foreign, turnId) : this.#findStored(threadId, turnId);
    if (!whole) {
      throw notFound();
    }
    return whole;
  }

  #findStored(threadId: string, turnId: string): WholeTurn | undefined {
    const live = this.ports.manager.findLive(threadId);
    const turn = live?.findLiveTurn(turnId) ?? this.ports.turns.findTurn(threadId, turnId);
    return turn && { turn, items: this.ports.turns.itemsOf(threadId, [turnId]) };
  }

  #withItems(threadId: string, turns: readonly TurnRecord[]): TurnWithItems[] {
    const byTurn = new Map<string, string[]>(turns.map(({ turnId }) => [turnId, []]));
    for (const item of this.ports.turns.itemsOf(threadId, [...byTurn.keys()])) {
      byTurn.get(item.turnId)?.push(item.json);
    }
    return turns.map((turn) => ({ turn, items: byTurn.get(turn.turnId) ?? [] }));
  }

  /** The thread if its history is the engine's. Throws `thread_not_found`. */
  async #findForeign(threadId: string): Promise<Thread | undefined> {
    const { manager } = this.ports;
    const known = manager.findRecord(threadId);
    if (known && !isEnginesHistory(known)) {
      return undefined;
    }
    const thread = await manager.require(threadId);
    return isEnginesHistory(thread.record) ? thread : undefined;
  }

  async *#backwards(threadId: string, pageTurns: number): AsyncGenerator<TurnRecord, void, undefined> {
    const foreign = await this.#findForeign(threadId);
    if (!foreign) {
      yield* this.#stored(threadId, 'desc');
      return;
    }
    for await (const { turn } of this.#engines.backwards(foreign, pageTurns + 1)) {
      yield turn;
    }
  }

  *#stored(threadId: string, sortDirection: 'asc' | 'desc' = 'asc'): Generator<TurnRecord, void, undefined> {
    let cursor: string | null | undefined;
    do {
      const query = { sortDirection, limit: PAGE_TURNS, ...(cursor ? { cursor } : {}) } as const;
      const page = this.ports.turns.listTurns(threadId, query);
      yield* page.data;
      cursor = page.nextCursor;
    } while (cursor);
  }

  async #engineTurns(engineThreadId: string): Promise<EngineTurn[]> {
    const turns: EngineTurn[] = [];
    let cursor: string | null | undefined;
    do {
      const query = { sortDirection: 'asc', limit: PAGE_TURNS, ...(cursor ? { cursor } : {}) } as const;
      const page = await this.ports.engine.listTurns(engineThreadId, query);
      turns.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor);
    return turns;
  }
}

/** Where a history is to end: with this turn, or so many turns before its end. */
export interface RollbackPoint {
  turnId?: string;
  numTurns?: number;
}

const toTurnWithItems = ({ turn, items }: WholeTurn): TurnWithItems => ({ turn, items: items.map(({ json }) => json) });

/** Between a turn that is stored here and one that is not, time decides, which the engine counts in whole seconds. */
function isNoLater(turn: TurnRecord, last: TurnRecord | undefined): boolean {
  if (last === undefined) {
    return true;
  }
  return last.position === NO_POSITION
    ? Date.parse(turn.startedAt ?? '') < Date.parse(last.startedAt ?? '') + 1000
    : turn.position <= last.position;
}

const notFound = (): ServiceError => new ServiceError('turn_not_found', 'This thread has no such turn.');

function tooMany(count: number): ServiceError {
  return new ServiceError('invalid_request', `The thread has ${String(count)} turns; num_turns can't be more.`, {
    fields: [{ path: 'num_turns', message: `must be at most ${String(count)}` }],
  });
}
