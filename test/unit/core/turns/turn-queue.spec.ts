import { type EventDraft } from '../../../../src/core/events/event.js';
import { NO_CEILING } from '../../../../src/core/permissions/ceiling.js';
import { type ThreadContext } from '../../../../src/core/threads/thread-context.js';
import { TurnQueue } from '../../../../src/core/turns/turn-queue.js';
import { type TurnRecord } from '../../../../src/core/turns/turn-record.js';

const NOW = { ms: Date.parse('2026-01-02T03:04:05.000Z'), iso: '2026-01-02T03:04:05.000Z' };

describe('TurnQueue', () => {
  let events: EventDraft[];
  let stored: Map<string, TurnRecord>;

  const newQueue = (maxQueuedTurns: number, queued: readonly TurnRecord[] = []): TurnQueue => {
    const recorder = {
      now: () => NOW,
      event: (draft: EventDraft) => events.push(draft),
      turn: (record: TurnRecord) => stored.set(record.turnId, record),
    };
    const turns = { nextPositions: () => ({ turn: stored.size, item: 0 }) };
    const turnObserver = { accepted: () => undefined, ended: () => undefined };
    return new TurnQueue(
      'thread',
      { recorder, turns, turnObserver, maxQueuedTurns } as unknown as ThreadContext,
      queued,
    );
  };

  const add = (queue: TurnQueue, ...turnIds: string[]): void => {
    for (const turnId of turnIds) {
      queue.enqueue({ turnId, input: [], options: {}, authority: { ceiling: NO_CEILING } });
    }
  };

  const idsOf = (turns: readonly TurnRecord[]): string[] => turns.map(({ turnId }) => turnId);

  beforeEach(() => {
    events = [];
    stored = new Map();
  });

  it('says that a turn waits only when it has to', () => {
    const queue = newQueue(2);
    add(queue, 'a');
    expect(queue.takeNext()?.turnId).toBe('a');
    add(queue, 'b', 'c');
    expect(events.map(({ turnId, event: { name, payload } }) => [name, turnId, payload.queue_position])).toEqual([
      ['turn/queued', 'b', 1],
      ['turn/queued', 'c', 2],
    ]);
  });

  it.each([0, 2])('lets %d turns wait behind the one that runs, and no more', (limit) => {
    const queue = newQueue(limit);
    add(queue, 'runs');
    queue.takeNext();
    add(queue, ...Array.from({ length: limit }, (_, index) => String(index)));
    expect(() => {
      add(queue, 'more');
    }).toThrow(expect.objectContaining({ code: 'rate_limited', retryAfterSeconds: 5 }) as Error);
    expect([stored.has('more'), queue.queued.length]).toEqual([false, limit]);
  });

  it('puts a turn that the engine could not take back to the front, where it can still be cancelled', () => {
    const queue = newQueue(5);
    add(queue, 'a', 'b');
    queue.takeNext();
    queue.putBack();
    expect([idsOf(queue.queued), queue.isIdle, queue.active]).toEqual([['a', 'b'], false, undefined]);
    expect(queue.cancel('a')).toMatchObject({ turnId: 'a', status: 'cancelled', isSubmitted: false });
    expect([queue.cancel('a'), idsOf(queue.queued)]).toEqual([undefined, ['b']]);
  });

  it('remembers over the death of the engine that a turn may have been begun', () => {
    const queue = newQueue(5);
    add(queue, 'a', 'b');
    queue.takeNext();
    queue.lost('gone');
    expect(queue.queued.map(({ turnId, isSubmitted }) => [turnId, isSubmitted])).toEqual([
      ['a', true],
      ['b', false],
    ]);
    expect(events.filter(({ event }) => event.name === 'turn/completed')).toEqual([]);
  });

  it('goes on with the turns that waited when it was opened, and numbers new ones after them', () => {
    add(newQueue(5), 'a', 'b');
    const queue = newQueue(5, [...stored.values()]);
    add(queue, 'c');
    expect(queue.queued.map(({ turnId, position }) => [turnId, position])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
    expect(queue.takeNext()?.turnId).toBe('a');
  });

  it('keeps the queue still while the engine begins a turn of its own, which gets the id that was set aside', async () => {
    const queue = newQueue(5);
    await queue.reserve('own', () => Promise.resolve());
    add(queue, 'a');
    expect([queue.takeNext(), queue.isIdle]).toEqual([undefined, false]);
    expect(queue.started('engine-1')).toMatchObject({ turnId: 'own', engineTurnId: 'engine-1' });
    queue.ended({ status: 'completed', error: null });
    expect(queue.takeNext()?.turnId).toBe('a');
    expect([queue.idOf('engine-1'), queue.started('engine-2').turnId]).toEqual(['own', 'a']);
  });
});
