import { type StreamEvent } from '../../../../src/compat/responses/from-core/stream-event.js';
import { type Pace } from '../../../../src/core/events/pace.js';
import { EventBuffer } from '../../../../src/compat/responses/runs/event-buffer.js';
import { KeyedLock } from '../../../../src/core/keyed-lock.js';

const events = (from: number, to: number): StreamEvent[] =>
  Array.from({ length: to - from }, (_, at) => ({ type: 'x', sequence_number: from + at }));

const READY: Pace = { isReady: true, whenDrained: () => Promise.resolve() };

function read(buffer: EventBuffer, after: number, pace = READY): { numbers: number[]; isOver: () => boolean } {
  const numbers: number[] = [];
  let isOver = false;
  buffer.read(after, pace).subscribe({
    next: ({ sequence_number: number }) => numbers.push(number),
    complete: () => {
      isOver = true;
    },
  });
  return { numbers, isOver: () => isOver };
}

it('tells late readers everything from where they ask, and all readers the rest', () => {
  const buffer = new EventBuffer();
  const early = read(buffer, -1);
  buffer.append(events(0, 3));
  const late = read(buffer, 1);
  buffer.append(events(3, 5));
  buffer.end();
  expect([early.numbers, late.numbers]).toEqual([
    [0, 1, 2, 3, 4],
    [2, 3, 4],
  ]);
  expect([early.isOver(), late.isOver(), read(buffer, 9).isOver()]).toEqual([true, true, true]);
});

it('waits for a reader who is behind', async () => {
  const buffer = new EventBuffer();
  buffer.append(events(0, 200));
  buffer.end();
  const drained = Promise.withResolvers<undefined>();
  const pace = { isReady: false, whenDrained: () => drained.promise };
  const slow = read(buffer, -1, pace);
  // The first one says how the answer begins, so nothing is waited for before it.
  expect(slow.numbers).toEqual([0]);
  pace.isReady = true;
  drained.resolve(undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect([slow.numbers.length, slow.isOver()]).toEqual([200, true]);
});

it('lets one after the other do what must not be done at once', async () => {
  const lock = new KeyedLock();
  const done: string[] = [];
  const gate = Promise.withResolvers<undefined>();
  const first = lock.run('a', async () => {
    await gate.promise;
    done.push('first');
    throw new Error('It failed.');
  });
  const second = lock.run('a', () => Promise.resolve(done.push('second')));
  await lock.run('b', () => Promise.resolve(done.push('other')));
  gate.resolve(undefined);
  await expect(first).rejects.toThrow('It failed.');
  await second;
  expect(done).toEqual(['other', 'first', 'second']);
});
