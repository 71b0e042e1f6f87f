import { type StoredEvent } from '../../src/core/events/event.js';
import { type EventLog } from '../../src/core/events/event-log.js';
import { approval, entry, item, Numbering, thread, turn } from './storage-builders.js';
import { type Storage } from './storage-contract.js';

export function describeEvents(storage: () => Storage): void {
  it('gives back what was stored, byte for byte', async () => {
    const numbering = new Numbering();
    const events = [
      numbering.next('a', { text: 'Grüße 👋\u0000\u2028 "quoted"', deep: { list: [1, null] } }),
      numbering.next(null, { text: 'of no thread' }),
    ];
    await storage().journal.write(entry({ events }));
    expect(await storage().eventLog.read('a', 0, 10)).toEqual([events[0]]);
    expect(await storage().eventLog.read(null, 0, 10)).toEqual(events);
  });

  it('reads each thread by its own number and the server by its own', async () => {
    const numbering = new Numbering();
    const events = [
      ...numbering.many('a', 3),
      ...numbering.many('b', 2),
      ...numbering.many(null, 1),
      ...numbering.many('a', 2),
    ];
    await storage().journal.write(entry({ events }));
    const of = (threadId: string): StoredEvent[] => events.filter((event) => event.threadId === threadId);
    expect(await storage().eventLog.read('a', 0, 100)).toEqual(of('a'));
    expect(await storage().eventLog.read('a', 3, 1)).toEqual([of('a')[3]]);
    expect(await storage().eventLog.read('b', 2, 100)).toEqual([]);
    expect(await storage().eventLog.read(null, 4, 3)).toEqual(events.slice(4, 7));
    expect(storage().eventLog.bounds('a')).toEqual({ earliestSeq: 1, latestSeq: 5 });
    expect(storage().eventLog.bounds(null)).toEqual({ earliestSeq: 1, latestSeq: 8 });
  });

  it('has empty bounds for a thread and a server without events', async () => {
    expect(storage().eventLog.bounds('nobody')).toEqual({ earliestSeq: 1, latestSeq: 0 });
    expect(storage().eventLog.bounds(null)).toEqual({ earliestSeq: 1, latestSeq: 0 });
    expect(await storage().eventLog.read('nobody', 0, 10)).toEqual([]);
    expect(await storage().eventLog.read(null, 0, 10)).toEqual([]);
  });

  it('fills a page up to its limit, also with large events', async () => {
    const numbering = new Numbering();
    const events = Array.from({ length: 700 }, (_, index) =>
      numbering.next('a', { text: 'x'.repeat(index % 100 === 0 ? 300_000 : 10) }),
    );
    await storage().journal.write(entry({ events }));
    expect(await storage().eventLog.read('a', 0, 600)).toEqual(events.slice(0, 600));
    expect(await allOf(storage().eventLog, null, 333)).toEqual(events);
  });

  it('lets other work in while it reads a long page', async () => {
    await storage().journal.write(entry({ events: new Numbering().many('a', 1_000) }));
    let turns = 0;
    const count = (): void => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    await storage().eventLog.read('a', 0, 1_000);
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(1);
  });

  it('keeps the order of writes that were not waited for', async () => {
    const numbering = new Numbering();
    const batches = Array.from({ length: 30 }, () => numbering.many('a', 3));
    await Promise.all(batches.map((events) => storage().journal.write(entry({ events }))));
    expect(await storage().eventLog.read('a', 0, 1_000)).toEqual(batches.flat());
  });

  it('takes the same entry twice without a trace', async () => {
    const numbering = new Numbering();
    const whole = entry({
      events: [...numbering.many('a', 3), ...numbering.many(null, 1)],
      threads: [thread({ threadId: 'a' })],
      turns: [turn('a', 0)],
      items: [item('a', 'turn_0', 0)],
      approvals: [approval('a')],
    });
    await storage().journal.write(whole);
    await storage().journal.write(whole);
    expect(await storage().eventLog.read(null, 0, 100)).toEqual(whole.events);
    expect(storage().eventLog.bounds('a')).toEqual({ earliestSeq: 1, latestSeq: 3 });
    expect(storage().turns.listItems('a', { sortDirection: 'asc', limit: 10 }).data).toEqual(whole.items);
    expect(storage().approvals.pending()).toEqual(whole.approvals);
  });

  it('refuses another event with a number that is taken, and stores nothing of its entry', async () => {
    const [first, second] = new Numbering().many('a', 2) as [StoredEvent, StoredEvent];
    await storage().journal.write(entry({ events: [first] }));
    const other = { ...first, data: '{"other":true}' };
    const refused = storage().journal.write(entry({ events: [second, other], threads: [thread({ threadId: 'a' })] }));
    await expect(refused).rejects.toMatchObject({ name: 'ServiceError', code: 'internal' });
    expect(await storage().eventLog.read('a', 0, 10)).toEqual([first]);
    expect(storage().eventLog.bounds('a')).toEqual({ earliestSeq: 1, latestSeq: 1 });
    expect(storage().threads.find('a')).toBeUndefined();
    await storage().journal.write(entry({ events: [second] }));
    expect(await storage().eventLog.read('a', 0, 10)).toEqual([first, second]);
  });

  it('forgets a deleted thread with all that it has, and no other', async () => {
    const numbering = new Numbering();
    const rows = (id: string) => ({
      threads: [thread({ threadId: id })],
      turns: [turn(id, 0)],
      items: [item(id, 'turn_0', 0)],
      approvals: [approval(id)],
    });
    const kept = entry({ events: numbering.many('kept', 2), ...rows('kept') });
    await storage().journal.write(kept);
    await storage().journal.write(entry({ events: numbering.many('gone', 2), ...rows('gone') }));
    await storage().journal.write(entry({ events: numbering.many('gone', 1), deletedThreadIds: ['gone', 'unknown'] }));

    expect(storage().threads.find('gone')).toBeUndefined();
    expect(storage().threads.findByEngineId('engine-gone')).toBeUndefined();
    expect(storage().turns.nextPositions('gone')).toEqual({ turn: 0, item: 0 });
    expect(storage().eventLog.bounds('gone')).toEqual({ earliestSeq: 1, latestSeq: 0 });
    expect(storage().approvals.pending()).toEqual(kept.approvals);
    expect(await storage().eventLog.read(null, 0, 10)).toEqual(kept.events);
    expect(storage().eventLog.bounds(null)).toEqual({ earliestSeq: 1, latestSeq: 5 });
    expect(storage().turns.nextPositions('kept')).toEqual({ turn: 1, item: 1 });
  });

  it('begins at 1 again for a thread that was deleted, while the server goes on counting', async () => {
    const numbering = new Numbering();
    await storage().journal.write(entry({ events: numbering.many('a', 4), deletedThreadIds: ['a'] }));
    const again = { ...numbering.next('a'), seq: 1 };
    await storage().journal.write(entry({ events: [again] }));
    expect(await storage().eventLog.read('a', 0, 10)).toEqual([again]);
    expect(storage().eventLog.bounds(null)).toEqual({ earliestSeq: 5, latestSeq: 5 });
  });

  it('refuses to write after it was closed', async () => {
    await storage().close();
    await expect(storage().journal.write(entry())).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
}

async function allOf(log: EventLog, threadId: string | null, limit: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await log.read(threadId, events.at(-1)?.globalSeq ?? 0, limit);
    events.push(...page);
    if (page.length < limit) {
      return events;
    }
  }
}
