import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StoredEvent } from '../../src/core/events/event.js';
import { EmbeddedStorage } from '../../src/storage/embedded/embedded-storage.js';
import { type RetentionLimits } from '../../src/storage/embedded/sqlite-retention.js';
import { kept } from './document-builders.js';
import { approval, entry, item, Numbering, thread, turn } from './storage-builders.js';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);
const ALL: RetentionLimits = { eventRetentionMs: 365 * DAY_MS, maxEventsPerThread: 1e9, maxEventBytes: 1e15 };

describe('SqliteRetention', () => {
  let root: string;
  let storage: EmbeddedStorage;
  let numbering: Numbering;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'codex-web-retention-'));
    numbering = new Numbering();
  });

  afterEach(async () => {
    await storage.close();
    rmSync(root, { recursive: true });
  });

  async function open(limits: Partial<RetentionLimits>): Promise<void> {
    const retention = { ...ALL, ...limits };
    storage = await EmbeddedStorage.open({ dataDir: root, retention, nowMs: () => NOW_MS });
  }

  const sweep = (): Promise<{ deletedEvents: number }> => storage.retention.sweep(new AbortController().signal);

  /** Events of a thread, of one turn, so many days old. */
  function events(threadId: string | null, count: number, { turnId = 'turn_0', daysAgo = 0 } = {}): StoredEvent[] {
    const emittedAtMs = NOW_MS - daysAgo * DAY_MS;
    return numbering.many(threadId, count).map((event) => ({ ...event, turnId, emittedAtMs }));
  }

  const numbersOf = async (threadId: string | null): Promise<number[]> =>
    (await storage.eventLog.read(threadId, 0, 10_000)).map(({ seq, globalSeq }) =>
      threadId === null ? globalSeq : seq,
    );

  const range = (first: number, last: number): number[] =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index);

  it('keeps the latest events of a thread that has too many, and all that is known of its turns', async () => {
    await open({ maxEventsPerThread: 100 });
    const history = { threads: [thread({ threadId: 'a' })], turns: [turn('a', 0)], items: [item('a', 'turn_0', 0)] };
    await storage.journal.write(entry({ events: [...events('a', 1000), ...events('b', 100)], ...history }));
    expect(await sweep()).toMatchObject({ deletedEvents: 900 });
    expect(storage.eventLog.bounds('a')).toEqual({ earliestSeq: 901, latestSeq: 1000 });
    expect(await numbersOf('a')).toEqual(range(901, 1000));
    expect(await numbersOf('b')).toEqual(range(1, 100));
    expect(storage.threads.find('a')).toEqual(history.threads[0]);
    expect(storage.turns.findTurn('a', 'turn_0')).toEqual(history.turns[0]);
    expect(storage.turns.itemsOf('a', ['turn_0'])).toEqual(history.items);
    expect(await sweep()).toMatchObject({ deletedEvents: 0 });
  });

  it('goes on with the same numbers when every event of a thread is gone', async () => {
    await open({ eventRetentionMs: 10 * DAY_MS });
    await storage.journal.write(entry({ events: [...events('a', 3, { daysAgo: 11 }), ...events(null, 1)] }));
    await sweep();
    expect(storage.eventLog.bounds('a')).toEqual({ earliestSeq: 4, latestSeq: 3 });
    expect(storage.eventLog.bounds(null)).toEqual({ earliestSeq: 4, latestSeq: 4 });
    await storage.journal.write(entry({ events: events('a', 1) }));
    expect(await numbersOf('a')).toEqual([4]);
    expect(await numbersOf(null)).toEqual([4, 5]);
  });

  it('deletes what is too old, of threads and of none', async () => {
    await open({ eventRetentionMs: 10 * DAY_MS });
    await storage.journal.write(
      entry({
        events: [
          ...events('a', 300, { daysAgo: 20 }),
          ...events(null, 5, { daysAgo: 12 }),
          ...events('b', 300, { daysAgo: 11 }),
          ...events('a', 5, { daysAgo: 9 }),
          ...events('b', 5),
        ],
      }),
    );
    expect(await sweep()).toMatchObject({ deletedEvents: 605 });
    expect([await numbersOf('a'), await numbersOf('b')]).toEqual([range(301, 305), range(301, 305)]);
    expect(storage.eventLog.bounds(null)).toEqual({ earliestSeq: 606, latestSeq: 615 });
  });

  it('keeps to the size of all events, and deletes the oldest of all threads for it', async () => {
    await open({});
    await storage.journal.write(entry({ events: [...events('a', 500), ...events('b', 500)] }));
    const bytes = storage.retention.eventBytes;
    await storage.close();
    await open({ maxEventBytes: Math.round(bytes / 4) });
    expect(storage.retention.eventBytes).toBe(bytes);
    await sweep();
    expect(await numbersOf('a')).toEqual([]);
    const ofB = await numbersOf('b');
    expect(ofB).toEqual(range(501 - ofB.length, 500));
    expect(ofB.length).toBeGreaterThan(240);
    expect(storage.retention.eventBytes).toBeLessThanOrEqual(bytes / 4);
    expect(storage.retention.eventBytes).toBeGreaterThan(bytes / 4 - 200);
  });

  it('never deletes from the first event on of a turn that is not over', async () => {
    await open({ maxEventsPerThread: 10, eventRetentionMs: DAY_MS, maxEventBytes: 1024 });
    await storage.journal.write(
      entry({
        events: [
          ...events('a', 300, { daysAgo: 9 }),
          ...events('a', 400, { turnId: 'turn_1', daysAgo: 8 }),
          ...events('b', 50, { turnId: 'turn_1', daysAgo: 8 }),
        ],
        turns: [turn('a', 1, { status: 'in_progress' }), turn('b', 1, { status: 'completed' })],
      }),
    );
    await sweep();
    expect([await numbersOf('a'), await numbersOf('b')]).toEqual([range(301, 700), []]);
    await storage.journal.write(entry({ turns: [turn('a', 1)] }));
    await sweep();
    expect(await numbersOf('a')).toEqual([]);
  });

  it('never deletes from the first event on of a turn whose approval waits, nor of a thread whose approval has no turn', async () => {
    await open({ eventRetentionMs: DAY_MS });
    const waiting = [approval('a', { turnId: 'turn_1' }), approval('b', { turnId: null })];
    const old = [...events('a', 5, { daysAgo: 9 }), ...events('a', 5, { turnId: 'turn_1', daysAgo: 9 })];
    await storage.journal.write(entry({ events: [...old, ...events('b', 5, { daysAgo: 9 })], approvals: waiting }));
    await sweep();
    expect([await numbersOf('a'), await numbersOf('b')]).toEqual([range(6, 10), range(1, 5)]);
    await storage.journal.write(entry({ approvals: waiting.map((one) => ({ ...one, status: 'answered' })) }));
    await sweep();
    expect(await numbersOf(null)).toEqual([]);
  });

  it('lets a large thread go at once for its readers, and bit by bit on the disk, also over a restart', async () => {
    await open({});
    const rows = { threads: [thread({ threadId: 'a' })], turns: range(0, 600).map((index) => turn('a', index)) };
    const items = range(0, 1500).map((index) => item('a', 'turn_0', index));
    await storage.journal.write(entry({ events: [...events('a', 5000), ...events('b', 1)], ...rows, items }));
    await storage.journal.write(entry({ events: deletedOf('a'), deletedThreadIds: ['a'] }));
    expect(storage.eventLog.bounds('a')).toEqual({ earliestSeq: 1, latestSeq: 0 });
    expect(await numbersOf('a')).toEqual([]);
    expect(await numbersOf(null)).toEqual([5001, 5002]);
    expect(storage.eventLog.bounds(null)).toEqual({ earliestSeq: 5001, latestSeq: 5002 });
    await storage.close();
    await open({});
    // The number of a stream whose events are not all gone must not be given to a new one.
    await storage.journal.write(entry({ events: events('new', 2) }));
    expect(await numbersOf('new')).toEqual([1, 2]);
    await sweep();
    expect(await numbersOf('new')).toEqual([1, 2]);
    expect(storage.turns.listItems('a', { sortDirection: 'asc', limit: 10 }).data).toEqual([]);
    expect(storage.turns.nextPositions('a')).toEqual({ turn: 0, item: 0 });
    expect(storage.retention.eventBytes).toBeLessThan(1000);
  });

  it('tells of a deleted thread also whoever reads of all threads later', async () => {
    await open({});
    await storage.journal.write(entry({ events: [...events('a', 3), ...events('b', 1)] }));
    const [last] = deletedOf('a') as [StoredEvent];
    await storage.journal.write(entry({ events: [last], deletedThreadIds: ['a'] }));
    const { name, data } = last;
    expect(await storage.eventLog.read(null, 0, 10)).toMatchObject([{ globalSeq: 4 }, { globalSeq: 5, name, data }]);
  });

  it('takes the deletion of a large thread twice, when its first commit was not heard of', async () => {
    await open({});
    const whole = entry({ events: [...events('a', 3000), ...deletedOf('a')], deletedThreadIds: ['a'] });
    await storage.journal.write(whole);
    await storage.journal.write(whole);
    await sweep();
    expect(await numbersOf(null)).toEqual([3001]);
    expect(storage.eventLog.bounds(null)).toEqual({ earliestSeq: 3001, latestSeq: 3001 });
  });

  it('gives the room back to the disk', async () => {
    await open({ maxEventsPerThread: 100 });
    const data = JSON.stringify({ text: 'x'.repeat(20_000) });
    const large = events('a', 1000).map((event) => ({ ...event, data }));
    await storage.journal.write(entry({ events: large }));
    await storage.close();
    const sizeOf = (): number => statSync(join(root, 'codex-web.db')).size;
    const before = sizeOf();
    await open({ maxEventsPerThread: 100 });
    await sweep();
    await storage.close();
    expect(before).toBeGreaterThan(20_000_000);
    expect(sizeOf()).toBeLessThan(before * 0.6);
    await open({});
    expect(await numbersOf('a')).toEqual(range(901, 1000));
  });

  it('ends early when it is told to, and goes on the next time', async () => {
    await open({ maxEventsPerThread: 1 });
    await storage.journal.write(entry({ events: events('a', 2000) }));
    const stopping = new AbortController();
    const swept = storage.retention.sweep(stopping.signal);
    stopping.abort();
    const { deletedEvents } = await swept;
    expect(deletedEvents).toBeLessThan(2000);
    await sweep();
    expect(await numbersOf('a')).toEqual([2000]);
  });

  it('forgets many old answers in small steps', async () => {
    await open({});
    const at = (day: number): string => new Date(NOW_MS - day * DAY_MS).toISOString();
    await Promise.all(
      range(1, 450).map((index) =>
        storage.idempotency.put(kept({ key: `key-${String(index)}`, createdAt: at(index > 20 ? 2 : 0) })),
      ),
    );
    await storage.idempotency.deleteBefore(at(1));
    const left = range(1, 450).filter((index) => storage.idempotency.find('caller', `key-${String(index)}`));
    expect(left).toEqual(range(1, 20));
  });

  /** As the service stores it: the last word of a thread, in the transaction that deletes it. */
  function deletedOf(threadId: string): StoredEvent[] {
    return events(threadId, 1).map((event) => ({ ...event, turnId: null, name: 'thread/deleted' }));
  }
});
