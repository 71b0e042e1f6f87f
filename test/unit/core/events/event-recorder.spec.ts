import { jest } from '@jest/globals';
import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { ServiceError } from '../../../../src/core/errors.js';
import { EventBus } from '../../../../src/core/events/event-bus.js';
import { EventRecorder } from '../../../../src/core/events/event-recorder.js';
import { type StoredEvent } from '../../../../src/core/events/event.js';
import { MemoryEvents, MemoryJournal } from './memory-events.js';

const FULL = new ServiceError('storage_unavailable', 'The disk is full.');

describe('EventRecorder', () => {
  let log: MemoryEvents;
  let journal: MemoryJournal;
  let recorder: EventRecorder;
  let published: StoredEvent[];

  beforeEach(() => {
    log = new MemoryEvents();
    open();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  /** As a server does that starts on this log. */
  function open(): void {
    const bus = new EventBus();
    journal = new MemoryJournal(log);
    recorder = new EventRecorder(journal, log, bus);
    published = [];
    bus.batches(null).subscribe((batch) => published.push(...batch));
  }

  function record(threadId: string | null, text: string): void {
    recorder.event({ threadId, turnId: null, event: toServiceEvent('test/event', { text }) });
  }

  const numbersOf = (events: readonly StoredEvent[]): unknown[] =>
    events.map(({ threadId, seq, globalSeq }) => [threadId, seq, globalSeq]);

  it('numbers each thread 1, 2, 3 … and the server too, also after a start anew', async () => {
    record('a', 'one');
    record('b', 'two');
    record('a', 'three');
    record(null, 'four');
    await recorder.durable();
    open();
    record('a', 'five');
    record(null, 'six');
    await recorder.durable();
    expect(numbersOf(log.stored)).toEqual([
      ['a', 1, 1],
      ['b', 1, 2],
      ['a', 2, 3],
      [null, 4, 4],
      ['a', 3, 5],
      [null, 6, 6],
    ]);
    expect(numbersOf(published)).toEqual(numbersOf(log.stored.slice(4)));
  });

  it('drops what is still said of a thread that was deleted, in whatever transaction', async () => {
    record('a', 'one');
    await recorder.durable();
    record('a', 'two');
    recorder.deleteThread('a');
    record('a', 'at once');
    await recorder.durable();
    record('a', 'later');
    record('b', 'one');
    await recorder.durable();
    expect(numbersOf(published)).toEqual([
      ['a', 1, 1],
      ['a', 2, 2],
      ['b', 1, 3],
    ]);
  });

  it('puts its envelope over the payload', async () => {
    recorder.event({
      threadId: 'a',
      turnId: 't',
      event: toServiceEvent('test/event', { seq: 'forged', thread_id: 'b', x: 1 }),
    });
    await recorder.durable();
    const data = JSON.parse(log.stored[0]?.data ?? '') as Record<string, unknown>;
    expect(data).toEqual({
      x: 1,
      event: 'test/event',
      thread_id: 'a',
      turn_id: 't',
      seq: 1,
      emitted_at: new Date(log.stored[0]?.emittedAtMs ?? 0).toISOString(),
    });
  });

  it('publishes nothing before it is durable, and writes what came meanwhile in one transaction', async () => {
    const write = Promise.withResolvers<undefined>();
    journal.hold = write.promise;
    record('a', 'one');
    await new Promise(setImmediate);
    record('a', 'two');
    record('b', 'three');
    await new Promise(setImmediate);
    expect([published.length, recorder.committedSeq('a'), journal.attempts]).toEqual([0, 0, 1]);
    write.resolve(undefined);
    await recorder.durable();
    expect(journal.entries.map(({ events }) => events.length)).toEqual([1, 2]);
    expect([published.length, recorder.committedSeq('a')]).toEqual([3, 2]);
  });

  it('is overfull when more waits than may, until half of that is stored', async () => {
    const write = Promise.withResolvers<undefined>();
    journal.hold = write.promise;
    const told: boolean[] = [];
    recorder = new EventRecorder(journal, log, new EventBus(), { maxBacklogBytes: 2000 });
    recorder.isOverfull.subscribe((isOverfull) => told.push(isOverfull));
    record('a', 'x'.repeat(500));
    await new Promise(setImmediate);
    record('a', 'x'.repeat(500));
    expect(told).toEqual([false]);
    record('a', 'x'.repeat(500));
    record('a', 'x'.repeat(500));
    expect(told).toEqual([false, true]);
    write.resolve(undefined);
    await recorder.durable();
    await new Promise(setImmediate);
    expect(told).toEqual([false, true, false]);
  });

  it('keeps the last state of a record of each transaction', async () => {
    const thread = { threadId: 'a', name: 'first' } as Parameters<EventRecorder['thread']>[0];
    recorder.thread(thread);
    recorder.thread({ ...thread, name: 'second' });
    await recorder.durable();
    expect(journal.entries.map(({ threads }) => threads.map(({ name }) => name))).toEqual([['second']]);
  });

  it('ends the process over an entry that the store finds wrong in itself, since trying again can not help', async () => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
    const wrong = new ServiceError('internal', 'Another event has this number.');
    const broken: unknown[] = [];
    recorder = new EventRecorder(journal, log, new EventBus(), { onBroken: (error) => broken.push(error) });
    journal.failures = [wrong, wrong, wrong, wrong];
    record('a', 'one');
    await expect(recorder.durable()).rejects.toBe(wrong);
    await jest.advanceTimersByTimeAsync(50 + 200);
    expect(broken).toEqual([]);
    await jest.advanceTimersByTimeAsync(1000);
    expect(broken).toEqual([wrong]);
    await jest.advanceTimersByTimeAsync(5000);
    await recorder.recovered();
  });

  it('refuses while nothing can be stored, tries again, and loses, repeats and reorders nothing', async () => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
    journal.failures = [FULL, FULL, FULL];
    record('a', 'before');
    await expect(recorder.durable()).rejects.toBe(FULL);
    expect(recorder.failure).toBe(FULL);
    expect(() => {
      recorder.requireHealthy();
    }).toThrow(FULL);
    record('a', 'during');
    record('b', 'during');
    await expect(recorder.durable()).rejects.toBe(FULL);
    const recovered = recorder.recovered();
    await jest.advanceTimersByTimeAsync(50 + 200);
    expect([journal.attempts, published.length]).toEqual([3, 0]);
    await jest.advanceTimersByTimeAsync(1000);
    await recovered;
    record('a', 'after');
    await recorder.durable();
    recorder.requireHealthy();

    expect(recorder.failure).toBeUndefined();
    expect(numbersOf(log.stored)).toEqual([
      ['a', 1, 1],
      ['a', 2, 2],
      ['b', 1, 3],
      ['a', 3, 4],
    ]);
    expect(published).toEqual(log.stored);
  });

  it('tells both who waits for the write that fails and who waits for the next one', async () => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
    const write = Promise.withResolvers<undefined>();
    journal.hold = write.promise;
    journal.failures = [FULL];
    record('a', 'one');
    const first = recorder.durable();
    await Promise.resolve();
    record('a', 'two');
    const second = recorder.durable();
    write.resolve(undefined);
    await expect(first).rejects.toBe(FULL);
    await expect(second).rejects.toBe(FULL);
    await jest.advanceTimersByTimeAsync(50);
    await recorder.durable();
    expect(numbersOf(log.stored)).toEqual([
      ['a', 1, 1],
      ['a', 2, 2],
    ]);
  });

  it('recovers at once while nothing is wrong, and is durable at once while nothing waits', async () => {
    await Promise.all([recorder.recovered(), recorder.durable()]);
    expect(journal.attempts).toBe(0);
  });
});
