import { type Engine, type EngineTurn } from '../engine/engine.js';
import { type TurnRecord } from '../turns/turn-record.js';
import { type HistoryPosition, START } from './history-position.js';

/** A turn of the engine's history, or one that it has not: it waits, never ran, or has only just begun. */
export type WalkedTurn = { engineTurn: EngineTurn } | { ownTurn: TurnRecord };

export interface WalkRequest {
  engineThreadId: string;
  sortDirection: 'asc' | 'desc';
  /** How many turns the engine is asked for at once. */
  pageTurns: number;
  /** Turns that the engine's history may lack, oldest first. */
  ownTurns: readonly TurnRecord[];
  /** The position of a turn of the engine's history that is stored here too. */
  findPosition: (engineTurnId: string) => number | undefined;
  from?: HistoryPosition;
}

/**
 * Goes through a thread's history turn by turn, in the engine's own pages, of which no more are read than are needed. Turns
 * that the engine does not have stand where their time puts them.
 */
export class HistoryWalk {
  readonly #isAscending: boolean;
  #position: HistoryPosition;
  /** What is left of the page. */
  #turns: EngineTurn[] = [];
  /** Of the page after it; `undefined` before the first was read. */
  #nextPage: string | null | undefined;
  #ownTurns: TurnRecord[];
  /** New turns may have moved the one after which to go on to a later page. */
  #isSearching: boolean;

  constructor(
    private readonly engine: Pick<Engine, 'listTurns'>,
    private readonly request: WalkRequest,
  ) {
    const { sortDirection, ownTurns, from = START } = request;
    this.#isAscending = sortDirection === 'asc';
    this.#position = from;
    this.#isSearching = from.engineTurnId !== null;
    // The turn that runs is the newest: on an older page it has been told, whoever has it.
    const isPast = !this.#isAscending && from.page !== null;
    const left = isPast ? ownTurns.filter(({ engineTurnId }) => engineTurnId === null) : ownTurns;
    const ordered = this.#isAscending ? [...left] : [...left].reverse();
    this.#ownTurns = ordered.slice(ordered.findIndex(({ turnId }) => turnId === from.ownTurnId) + 1);
  }

  /** Where the turn after the last one is; `null` when there is none. */
  get position(): HistoryPosition | null {
    return this.#isOver ? null : this.#position;
  }

  get #isOver(): boolean {
    return this.#nextPage === null && this.#turns.length === 0 && this.#ownTurns.length === 0;
  }

  async next(): Promise<WalkedTurn | undefined> {
    await this.#fill();
    const [engineTurn] = this.#turns;
    const [ownTurn] = this.#ownTurns;
    if (ownTurn && (!engineTurn || this.#isBefore(ownTurn, engineTurn))) {
      this.#ownTurns.shift();
      this.#position = { ...this.#position, ownTurnId: ownTurn.turnId };
      return { ownTurn };
    }
    return engineTurn && this.#take(engineTurn);
  }

  #take(engineTurn: EngineTurn): WalkedTurn {
    this.#turns.shift();
    const isLast = this.#turns.length === 0 && typeof this.#nextPage === 'string';
    const at = isLast
      ? { page: this.#nextPage ?? null, engineTurnId: null }
      : { engineTurnId: engineTurn.engineTurnId };
    this.#position = { ...this.#position, ...at };
    return { engineTurn };
  }

  /** A page is empty only where it is the last one, or what it held has been told. */
  async #fill(): Promise<void> {
    while (this.#turns.length === 0 && this.#nextPage !== null) {
      const page = this.#nextPage ?? this.#position.page;
      const { engineThreadId, sortDirection, pageTurns: limit } = this.request;
      const query = { sortDirection, limit, ...(page === null ? {} : { cursor: page }) };
      const { data, nextCursor } = await this.engine.listTurns(engineThreadId, query);
      this.#turns = this.#isSearching ? this.#afterPosition(data) : data;
      this.#nextPage = nextCursor;
      this.#position = { ...this.#position, page };
      const known = new Set(data.map(({ engineTurnId }) => engineTurnId));
      this.#ownTurns = this.#ownTurns.filter(({ engineTurnId }) => engineTurnId === null || !known.has(engineTurnId));
    }
  }

  #afterPosition(page: EngineTurn[]): EngineTurn[] {
    const told = page.findIndex(({ engineTurnId }) => engineTurnId === this.#position.engineTurnId);
    this.#isSearching = told === -1;
    return told === -1 ? [] : page.slice(told + 1);
  }

  #isBefore(ownTurn: TurnRecord, engineTurn: EngineTurn): boolean {
    return this.#isEarlier(ownTurn, engineTurn) === this.#isAscending;
  }

  /** Among turns of other clients it is where its time puts it, and at the end as long as it is not over. */
  #isEarlier({ status, position, createdAt }: TurnRecord, { engineTurnId, startedAt }: EngineTurn): boolean {
    const other = this.request.findPosition(engineTurnId);
    if (other !== undefined) {
      return position < other;
    }
    const isOpen = status === 'queued' || status === 'in_progress';
    return !isOpen && Date.parse(createdAt) < Date.parse(startedAt ?? '');
  }
}
