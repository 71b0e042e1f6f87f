import { type Engine, type EngineTurn } from '../../../../src/core/engine/engine.js';
import { EngineHistory } from '../../../../src/core/threads/engine-history.js';
import { type Thread } from '../../../../src/core/threads/thread.js';
import { type HistoryQuery, type TurnIndex } from '../../../../src/core/turns/turn-index.js';

const TURNS = 5000;

const turns = Array.from({ length: TURNS }, (_, index): EngineTurn => {
  const at = new Date(Date.UTC(2026, 0, 2) + index * 60_000).toISOString();
  const items = ['user_message', 'agent_message'].map((type, position) => ({
    type,
    id: `item-${String(index)}-${String(position)}`,
  }));
  return {
    engineTurnId: `turn-${String(index)}`,
    status: 'completed',
    error: null,
    startedAt: at,
    completedAt: at,
    durationMs: 0,
    items,
    clientTurnId: null,
  };
});

/** How much is read of a history of 5,000 turns that another client made. */
describe('EngineHistory', () => {
  let calls: HistoryQuery[];
  let history: EngineHistory;
  const thread = {
    threadId: 'thread',
    record: { engineThreadId: 'thread', isMaterialized: true },
    activeTurn: undefined,
    findLiveTurn: () => undefined,
    findTurn: () => undefined,
  } as unknown as Thread;

  const toPage = ({
    sortDirection,
    limit,
    cursor,
  }: HistoryQuery): { data: EngineTurn[]; nextCursor: string | null } => {
    const ordered = sortDirection === 'asc' ? turns : [...turns].reverse();
    const start = Number(cursor ?? 0);
    const end = start + limit;
    return { data: ordered.slice(start, end), nextCursor: end < TURNS ? String(end) : null };
  };

  beforeEach(() => {
    calls = [];
    const engine = {
      listTurns: (_: string, query: HistoryQuery) => {
        calls.push(query);
        return Promise.resolve(toPage(query));
      },
    };
    // Nothing of it is stored here, and there is nothing by which it could be.
    const index = { findByEngineId: () => undefined, turnsNeverBegun: () => [], itemsOf: () => [] };
    history = new EngineHistory({ engine: engine as unknown as Engine, turns: index as unknown as TurnIndex });
  });

  const turnsRead = (): number => calls.reduce((sum, query) => sum + toPage(query).data.length, 0);

  it.each(['asc', 'desc'] as const)(
    'asks for the turns of a page once, and for no more (%s)',
    async (sortDirection) => {
      const first = await history.listTurns(thread, { sortDirection, limit: 20 });
      expect([first.data.length, calls.length, turnsRead()]).toEqual([20, 1, 20]);
      const second = await history.listTurns(thread, { sortDirection, limit: 20, cursor: first.nextCursor ?? '' });
      expect([second.data.length, calls.length, turnsRead()]).toEqual([20, 2, 40]);
      expect(new Set([...first.data, ...second.data].map(({ turn }) => turn.turnId)).size).toBe(40);
    },
  );

  it.each(['asc', 'desc'] as const)(
    'reads a page of items from the turns that have them (%s)',
    async (sortDirection) => {
      const first = await history.listItems(thread, { sortDirection, limit: 20 });
      expect([first.data.length, calls.length, turnsRead()]).toEqual([20, 1, 20]);
      const second = await history.listItems(thread, { sortDirection, limit: 21, cursor: first.nextCursor ?? '' });
      expect(second.data).toHaveLength(21);
      const third = await history.listItems(thread, { sortDirection, limit: 21, cursor: second.nextCursor ?? '' });
      const ids = [...first.data, ...second.data, ...third.data].map(({ itemId }) => itemId);
      expect(new Set(ids).size).toBe(62);
      expect(turnsRead()).toBeLessThanOrEqual(120);
    },
  );

  it('reads what a rollback drops, and the turn before that', async () => {
    const taken: string[] = [];
    for await (const { turn } of history.backwards(thread, 3)) {
      taken.push(turn.turnId);
      if (taken.length === 3) {
        break;
      }
    }
    expect(taken).toEqual(['turn-4999', 'turn-4998', 'turn-4997']);
    expect([calls.length, turnsRead()]).toEqual([1, 3]);
  });

  it('looks through all of them for a status, a hundred at a time', async () => {
    expect(await history.listTurns(thread, { sortDirection: 'desc', limit: 20, status: 'failed' })).toEqual({
      data: [],
      nextCursor: null,
    });
    expect([calls.length, turnsRead()]).toEqual([50, 5000]);
  });
});
