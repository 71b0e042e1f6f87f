import { lastValueFrom, toArray } from 'rxjs';
import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { EventBus } from '../../../../src/core/events/event-bus.js';
import { type StoredEvent, toStoredEvent } from '../../../../src/core/events/event.js';
import { type ThreadRecord } from '../../../../src/core/threads/thread-record.js';
import { TurnFeed, type TurnNews } from '../../../../src/core/turns/turn-feed.js';
import { commit, MemoryEvents } from '../events/memory-events.js';

const THREAD = 't1';
const OPTIONS = { dynamic_tools: [{ type: 'function', name: 'get_a' }] };

describe('the feed of a turn', () => {
  const log = new MemoryEvents();
  const bus = new EventBus();
  const manager = { findRecord: () => ({ options: OPTIONS }) as unknown as ThreadRecord };
  const feed = new TurnFeed({ log, bus, manager });
  let seq = 0;

  function store(turnId: string | null, name: string, payload: Record<string, unknown> = {}): StoredEvent {
    seq += 1;
    const draft = { threadId: THREAD, turnId, event: toServiceEvent(name, payload) };
    const event = toStoredEvent(draft, seq, seq, { ms: 0, iso: '' });
    commit(log, bus, [event]);
    return event;
  }

  const read = (turnId: string, after: number): Promise<TurnNews[]> =>
    lastValueFrom(feed.follow({ threadId: THREAD, turnId, after }).pipe(toArray()));
  const names = (news: TurnNews[]): string[] => news.map((one) => (one.type === 'event' ? one.event.name : one.type));

  it('is the same when it is read later, and leaves other turns out', async () => {
    const after = seq;
    store('turn_1', 'turn/started');
    const live = read('turn_1', after);
    store('turn_0', 'item/completed');
    store(null, 'thread/status/changed');
    store('turn_1', 'item/agentMessage/delta', { delta: 'hi' });
    store('turn_1', 'turn/completed', { turn: { status: 'completed' } });
    store('turn_1', 'item/completed');
    const told = await live;
    expect(names(told)).toEqual(['turn/started', 'item/agentMessage/delta', 'turn/completed']);
    expect(await read('turn_1', after)).toEqual(told);
  });

  it("ends when the turn waits for the caller's functions, and goes on from there", async () => {
    const after = seq;
    store('turn_2', 'turn/started');
    store('turn_2', 'item/tool/call', { call_id: 'c1', tool: 'get_a', arguments: { q: 1 } });
    const told = await read('turn_2', after);
    const calls = [{ callId: 'c1', itemId: 'c1', name: 'get_a', arguments: '{"q":1}' }];
    expect(told.at(-1)).toEqual({ type: 'parked', calls, seq });
    const rest = read('turn_2', seq);
    store('turn_2', 'approval/resolved', { kind: 'tool_call', item_id: 'c1' });
    store('turn_2', 'turn/completed');
    expect(names(await rest)).toEqual(['approval/resolved', 'turn/completed']);
  });

  it('does not wait for a call that was answered long ago', async () => {
    const after = seq;
    store('turn_3', 'item/tool/call', { call_id: 'c2', tool: 'get_a', arguments: {} });
    store('turn_3', 'approval/resolved', { kind: 'tool_call', item_id: 'c2' });
    store('turn_3', 'turn/completed');
    expect(names(await read('turn_3', after))).toEqual(['item/tool/call', 'approval/resolved', 'turn/completed']);
  });

  it('ends with the thread', async () => {
    const told = read('turn_4', seq);
    store(null, 'thread/deleted');
    expect(await told).toEqual([]);
  });
});
