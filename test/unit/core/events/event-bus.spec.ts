import { EventBus } from '../../../../src/core/events/event-bus.js';
import { type EventBatch, type StoredEvent } from '../../../../src/core/events/event.js';
import { eventOf } from './memory-events.js';

describe('EventBus', () => {
  const ofNone: StoredEvent = { ...eventOf('none', 4), threadId: null };
  const batch = [eventOf('a', 1, 1), eventOf('b', 1, 2), eventOf('a', 2, 3), ofNone];

  function listen(bus: EventBus, threadId: string | null): { batches: EventBatch[]; stop: () => void } {
    const batches: EventBatch[] = [];
    const subscription = bus.batches(threadId).subscribe((published) => batches.push(published));
    const stop = (): void => {
      subscription.unsubscribe();
    };
    return { batches, stop };
  }

  it('gives each thread its own events as one batch, and all of them to the server-wide channel', () => {
    const bus = new EventBus();
    const [a, b, all] = [listen(bus, 'a'), listen(bus, 'b'), listen(bus, null)];
    bus.publish(batch);
    expect(a.batches).toEqual([[batch[0], batch[2]]]);
    expect(b.batches).toEqual([[batch[1]]]);
    expect(all.batches).toEqual([batch]);
  });

  it('gives all listeners of a channel the same array', () => {
    const bus = new EventBus();
    const [one, two] = [listen(bus, 'a'), listen(bus, 'a')];
    bus.publish(batch);
    expect(one.batches[0]).toBe(two.batches[0]);
  });

  it('tells nothing to who has left or came later, and goes on for the others', () => {
    const bus = new EventBus();
    const [gone, stays] = [listen(bus, 'a'), listen(bus, 'a')];
    gone.stop();
    bus.publish(batch);
    const late = listen(bus, 'a');
    expect([gone.batches.length, stays.batches.length, late.batches.length]).toEqual([0, 1, 0]);
    stays.stop();
    late.stop();
    const again = listen(bus, 'a');
    bus.publish(batch);
    expect(again.batches).toHaveLength(1);
  });

  it('tells of no empty batch', () => {
    const bus = new EventBus();
    const all = listen(bus, null);
    bus.publish([]);
    expect(all.batches).toEqual([]);
  });
});
