import { type EventDraft } from '../../../src/core/events/event.js';
import { NO_CEILING } from '../../../src/core/permissions/ceiling.js';
import { type ThreadContext } from '../../../src/core/threads/thread-context.js';
import { TurnDesk } from '../../../src/core/turns/turn-desk.js';
import { type TurnRecord } from '../../../src/core/turns/turn-record.js';

const NOW = { ms: Date.parse('2026-01-02T03:04:05.000Z'), iso: '2026-01-02T03:04:05.000Z' };

describe('TurnDesk', () => {
  let events: EventDraft[];
  let stored: Map<string, TurnRecord>;

  const newDesk = (maxQueuedTurns: number, queued: readonly TurnRecord[] = []): TurnDesk => {
    const recorder = {
      now: () => NOW,
      event: (draft: EventDraft) => events.push(draft),
      turn: (record: TurnRecord) => stored.set(record.turnId, record),
    };
    const turns = { nextPositions: () => ({ turn: stored.size, item: 0 }) };
    const turnObserver = { accepted: () => undefined, ended: () => undefined };
    return new TurnDesk(
      'thread',
      { recorder, turns, turnObserver, maxQueuedTurns } as unknown as ThreadContext,
      queued,
    );
  };

  const add = (desk: TurnDesk, ...turnIds: string[]): void => {
    for (const turnId of turnIds) {
      desk.enqueue({ turnId, input: [], options: {}, authority: { ceiling: NO_CEILING } });
    }
  };

  const idsOf = (turns: readonly TurnRecord[]): string[] => turns.map(({ turnId }) => turnId);

  beforeEach(() => {
    events = [];
    stored = new Map();
  });

  it('says that a turn waits only when it has to', () => {
    const desk = newDesk(2);
    add(desk, 'a');
    expect(desk.takeNext()?.turnId).toBe('a');
    add(desk, 'b', 'c');
    expect(events.map(({ name, turnId, payload }) => [name, turnId, payload.queue_position])).toEqual([
      ['turn/queued', 'b', 1],
      ['turn/queued', 'c', 2],
    ]);
  });

  it.each([0, 2])('lets %d turns wait behind the one that runs, and no more', (limit) => {
    const desk = newDesk(limit);
    add(desk, 'runs');
    desk.takeNext();
    add(desk, ...Array.from({ length: limit }, (_, index) => String(index)));
    expect(() => {
      add(desk, 'more');
    }).toThrow(expect.objectContaining({ code: 'rate_limited', retryAfterSeconds: 5 }) as Error);
    expect([stored.has('more'), desk.queued.length]).toEqual([false, limit]);
  });

  it('puts a turn that the engine could not take back to the front, where it can still be cancelled', () => {
    const desk = newDesk(5);
    add(desk, 'a', 'b');
    desk.takeNext();
    desk.putBack();
    expect([idsOf(desk.queued), desk.isIdle, desk.active]).toEqual([['a', 'b'], false, undefined]);
    expect(desk.cancel('a')).toMatchObject({ turnId: 'a', status: 'cancelled', isSubmitted: false });
    expect([desk.cancel('a'), idsOf(desk.queued)]).toEqual([undefined, ['b']]);
  });

  it('remembers over the death of the engine that a turn may have been begun', () => {
    const desk = newDesk(5);
    add(desk, 'a', 'b');
    desk.takeNext();
    desk.lost('gone');
    expect(desk.queued.map(({ turnId, isSubmitted }) => [turnId, isSubmitted])).toEqual([
      ['a', true],
      ['b', false],
    ]);
    expect(events.filter(({ name }) => name === 'turn/completed')).toEqual([]);
  });

  it('goes on with the turns that waited when it was opened, and numbers new ones after them', () => {
    add(newDesk(5), 'a', 'b');
    const desk = newDesk(5, [...stored.values()]);
    add(desk, 'c');
    expect(desk.queued.map(({ turnId, position }) => [turnId, position])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
    expect(desk.takeNext()?.turnId).toBe('a');
  });

  it('keeps the queue still while the engine begins a turn of its own, which gets the id that was set aside', async () => {
    const desk = newDesk(5);
    await desk.reserve('own', () => Promise.resolve());
    add(desk, 'a');
    expect([desk.takeNext(), desk.isIdle]).toEqual([undefined, false]);
    expect(desk.started('engine-1')).toMatchObject({ turnId: 'own', engineTurnId: 'engine-1' });
    desk.ended({ status: 'completed', error: null });
    expect(desk.takeNext()?.turnId).toBe('a');
    expect([desk.idOf('engine-1'), desk.started('engine-2').turnId]).toEqual(['own', 'a']);
  });
});
