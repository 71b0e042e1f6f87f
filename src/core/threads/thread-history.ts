import { type Engine, type EngineTurn } from '../engine/engine.js';
import { ServiceError } from '../errors.js';
import { type EventRecorder } from '../events/event-recorder.js';
import { toItemIds } from '../turns/item-ids.js';
import { type HistoryQuery, type TurnIndex, type TurnQuery } from '../turns/turn-index.js';
import { type ItemRecord, type TurnRecord } from '../turns/turn-record.js';
import { type Page } from './thread-index.js';
import { type ThreadManager } from './thread-manager.js';
import { type Thread } from './thread.js';
import { unreadable } from './unreadable.js';

const IMPORT_PAGE = 100;
const UPDATED_AT_STEP_MS = 2_000;

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

/** The turns and items of a thread, from our own store; what other Codex clients did is brought there first. */
export class ThreadHistory {
  constructor(private readonly ports: ThreadHistoryPorts) {}

  /** With a status: those that have it now, whatever is stored of them yet. */
  async listTurns(threadId: string, query: TurnQuery): Promise<Page<TurnWithItems>> {
    const thread = await this.#ready(threadId);
    const page = this.ports.turns.listTurns(threadId, query);
    const live = page.data.map((turn) => thread?.turns.find(turn.turnId) ?? turn);
    const fitting = live.filter(({ status }) => query.status === undefined || status === query.status);
    return { data: this.#withItems(threadId, fitting), nextCursor: page.nextCursor };
  }

  async listItems(threadId: string, query: HistoryQuery & { turnId?: string }): Promise<Page<ItemRecord>> {
    await this.#ready(threadId);
    if (query.turnId !== undefined) {
      await this.requireTurn(threadId, query.turnId);
    }
    return this.ports.turns.listItems(threadId, query);
  }

  /** Throws `turn_not_found`. */
  async requireTurn(threadId: string, turnId: string): Promise<TurnRecord> {
    const thread = await this.#ready(threadId);
    const turn = thread?.turns.find(turnId) ?? this.ports.turns.findTurn(threadId, turnId);
    if (!turn) {
      throw new ServiceError('turn_not_found', 'This thread has no such turn.');
    }
    return turn;
  }

  async requireTurnWithItems(threadId: string, turnId: string): Promise<TurnWithItems> {
    return this.withItems(threadId, await this.requireTurn(threadId, turnId));
  }

  withItems(threadId: string, turn: TurnRecord): TurnWithItems {
    if (turn.startedAt === null && (turn.status === 'queued' || turn.status === 'in_progress')) {
      return { turn, items: [] };
    }
    return { turn, items: this.ports.turns.itemsOf(threadId, [turn.turnId]).map(({ json }) => json) };
  }

  /** The thread, for a new turn: what another client did in it comes before. Throws `thread_not_found`. */
  async requireUpToDate(threadId: string): Promise<Thread> {
    return (await this.#ready(threadId)) ?? this.ports.manager.require(threadId);
  }

  /** Oldest first. */
  async allTurns(threadId: string): Promise<TurnRecord[]> {
    await this.#ready(threadId);
    const turns: TurnRecord[] = [];
    let cursor: string | null | undefined;
    do {
      const query = { sortDirection: 'asc', limit: IMPORT_PAGE, ...(cursor ? { cursor } : {}) } as const;
      const page = this.ports.turns.listTurns(threadId, query);
      turns.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor);
    return turns;
  }

  /**
   * Brings the engine's history of the thread, as far as we lack it, into our store. What `source` shares with it is
   * taken from there, so that a turn has one id, and is as well known, in both.
   */
  async import(thread: Thread, source?: Thread): Promise<void> {
    const engineTurns = await this.#engineTurns(thread.record.engineThreadId).catch(unreadable(thread.record));
    const next = this.ports.turns.nextPositions(thread.threadId);
    for (const engineTurn of engineTurns) {
      const known = this.#findByEngineId(thread.threadId, engineTurn.engineTurnId);
      if (!known || hasGrown(known, engineTurn)) {
        const shared = source && this.#findByEngineId(source.threadId, engineTurn.engineTurnId);
        this.#put(thread.threadId, shared ?? fromEngine(thread.threadId, engineTurn), known, next);
      }
    }
    await this.ports.recorder.durable();
    thread.turns.rewind(next.turn);
    thread.items.rewind(next.item);
  }

  /** Stores a turn with its items, each in the place that it has, or else in the next one. */
  #put(threadId: string, { turn, items }: ImportedTurn, known: ImportedTurn | undefined, next: Positions): void {
    this.ports.recorder.turn({ ...turn, threadId, position: known?.turn.position ?? next.turn++ });
    for (const item of items) {
      const before = known?.items.find(({ itemId }) => itemId === item.itemId);
      this.ports.recorder.item({ ...item, threadId, position: before?.position ?? next.item++ });
    }
  }

  #findByEngineId(threadId: string, engineTurnId: string): ImportedTurn | undefined {
    const turnId = this.ports.turns.findByEngineId(threadId, engineTurnId);
    const turn = turnId === undefined ? undefined : this.ports.turns.findTurn(threadId, turnId);
    return turn && { turn, items: this.ports.turns.itemsOf(threadId, [turn.turnId]) };
  }

  #withItems(threadId: string, turns: readonly TurnRecord[]): TurnWithItems[] {
    const byTurn = new Map<string, string[]>(turns.map(({ turnId }) => [turnId, []]));
    for (const item of this.ports.turns.itemsOf(threadId, [...byTurn.keys()])) {
      byTurn.get(item.turnId)?.push(item.json);
    }
    return turns.map((turn) => ({ turn, items: byTurn.get(turn.turnId) ?? [] }));
  }

  /** Our own threads are complete; a foreign one may have grown since it was last looked at. */
  async #ready(threadId: string): Promise<Thread | undefined> {
    const { manager, engine } = this.ports;
    if (manager.findRecord(threadId)?.isForeign === false) {
      return manager.findLive(threadId);
    }
    const thread = await manager.require(threadId);
    if (thread.turns.active) {
      return thread;
    }
    const { updatedAt } = await engine.readThread(thread.record.engineThreadId).catch(unreadable(thread.record));
    // The engine counts whole seconds, within which more may have happened.
    const isSettled = Date.now() - Date.parse(updatedAt) > UPDATED_AT_STEP_MS;
    if (!isSettled || thread.record.options.imported_at !== updatedAt) {
      await this.import(thread);
      thread.change({ updatedAt, options: { ...thread.record.options, imported_at: updatedAt } });
      await this.ports.recorder.durable();
    }
    return thread;
  }

  async #engineTurns(engineThreadId: string): Promise<EngineTurn[]> {
    const turns: EngineTurn[] = [];
    let cursor: string | null | undefined;
    do {
      const query = { sortDirection: 'asc', limit: IMPORT_PAGE, ...(cursor ? { cursor } : {}) } as const;
      const page = await this.ports.engine.listTurns(engineThreadId, query);
      turns.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor);
    return turns;
  }
}

/** The next free places. */
interface Positions {
  turn: number;
  item: number;
}

interface ImportedTurn {
  turn: TurnRecord;
  items: ItemRecord[];
}

/** Whether its own client went on with a turn that was brought here while it ran. Turns of ours are complete. */
function hasGrown({ turn, items }: ImportedTurn, engineTurn: EngineTurn): boolean {
  const isImported = turn.turnId === engineTurn.engineTurnId && !turn.isSubmitted;
  const isAsBefore = turn.status === toTurnRecord(turn.threadId, engineTurn).status;
  return isImported && (!isAsBefore || items.length !== engineTurn.items.length);
}

function fromEngine(threadId: string, engineTurn: EngineTurn): ImportedTurn {
  const { engineTurnId: turnId } = engineTurn;
  const itemIds = toItemIds(engineTurn.items.map(({ id }) => String(id)));
  const items = engineTurn.items.map((item, position) => {
    const itemId = itemIds[position] ?? '';
    return { threadId, turnId, itemId, position, json: JSON.stringify({ ...item, id: itemId }) };
  });
  return { turn: toTurnRecord(threadId, engineTurn), items };
}

function toTurnRecord(threadId: string, turn: EngineTurn): TurnRecord {
  const message = turn.items.find((item) => item.type === 'user_message');
  const input = Array.isArray(message?.content) ? (message.content as unknown[]) : [];
  return {
    turnId: turn.engineTurnId,
    threadId,
    engineTurnId: turn.engineTurnId,
    position: 0,
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
