import { type ThreadQuery } from '../../src/core/threads/thread-index.js';
import { type ThreadRecord } from '../../src/core/threads/thread-record.js';
import { entry, thread } from './storage-builders.js';
import { type Storage } from './storage-contract.js';

const ALL: ThreadQuery = { archived: false, sortKey: 'created_at', sortDirection: 'desc', limit: 100 };

export function describeThreads(storage: () => Storage): void {
  const write = (...threads: ThreadRecord[]): Promise<void> => storage().journal.write(entry({ threads }));
  const idsOf = (query: Partial<ThreadQuery>): string[] =>
    storage()
      .threads.list({ ...ALL, ...query })
      .data.map(({ threadId }) => threadId);

  it('finds a thread by its id and by the engine’s', async () => {
    const record = thread({
      name: 'Ünïcode "quoted"',
      approvalPolicy: { granular: { rules: true } },
      metadata: { a: 'b' },
      tokenUsage: { total: { input_tokens: 1 } },
      options: { dynamic_tools: [{ name: 'x' }] },
    });
    await write(record);
    expect(storage().threads.find(record.threadId)).toEqual(record);
    expect(storage().threads.findByEngineId(record.engineThreadId)).toEqual(record);
    expect(storage().threads.find('nobody')).toBeUndefined();
    expect(storage().threads.findByEngineId(record.threadId)).toBeUndefined();
  });

  it('finds a thread by the operation that made it, among those made since a time', async () => {
    const made = { createdAt: '2026-02-01T00:00:00.000Z', madeBy: 'operation-1' };
    const record = thread({ threadId: 'a', ...made });
    await write(record, thread({ threadId: 'b', createdAt: made.createdAt }));
    await write(thread({ threadId: 'c', archived: true, createdAt: made.createdAt, madeBy: 'operation-2' }));
    await write(thread({ threadId: 'd', ephemeral: true, createdAt: made.createdAt, madeBy: 'operation-3' }));
    const { threads } = storage();
    expect(threads.findByOperation('operation-1', '2026-01-31T00:00:00.000Z')).toEqual(record);
    const found = ['operation-2', 'operation-3', 'operation-4'].map((id) =>
      threads.findByOperation(id, made.createdAt),
    );
    expect(found.map((its) => its?.threadId)).toEqual(['c', 'd', undefined]);
    expect(threads.findByOperation('operation-1', '2026-02-01T00:00:00.001Z')).toBeUndefined();
  });

  it('gives the same object until the thread is written again', async () => {
    const record = thread({ threadId: 'a' });
    await write(record);
    const found = storage().threads.find('a');
    expect(storage().threads.list(ALL).data[0]).toBe(found);
    await write(thread({ threadId: 'b' }));
    expect(storage().threads.find('a')).toBe(found);
    await write({ ...record, name: 'New' });
    expect(storage().threads.find('a')).toEqual({ ...record, name: 'New' });
    expect(storage().threads.findByEngineId('engine-a')).toBe(storage().threads.find('a'));
  });

  it('never gives a deleted thread’s record for a new thread with its id', async () => {
    await write(thread({ threadId: 'a', name: 'Old' }));
    expect(storage().threads.find('a')?.name).toBe('Old');
    await storage().journal.write(entry({ deletedThreadIds: ['a'] }));
    await write(thread({ threadId: 'a', name: 'New' }));
    expect(storage().threads.find('a')?.name).toBe('New');
  });

  it('lists by either time in either direction, without ephemeral threads', async () => {
    await write(
      thread({ threadId: 'a', createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-03-01T00:00:00.000Z' }),
      thread({ threadId: 'b', createdAt: '2026-01-02T00:00:00.000Z', updatedAt: '2026-02-01T00:00:00.000Z' }),
      thread({ threadId: 'c', archived: true }),
      thread({ threadId: 'd', ephemeral: true }),
    );
    expect(idsOf({})).toEqual(['b', 'a']);
    expect(idsOf({ sortDirection: 'asc' })).toEqual(['a', 'b']);
    expect(idsOf({ sortKey: 'updated_at' })).toEqual(['a', 'b']);
    expect(idsOf({ sortKey: 'updated_at', sortDirection: 'asc' })).toEqual(['b', 'a']);
    expect(idsOf({ archived: true })).toEqual(['c']);
  });

  it('pages through equal times once each, while others are added at the front', async () => {
    const records = Array.from({ length: 25 }, (_, index) =>
      thread({ threadId: `t${index.toString().padStart(2, '0')}` }),
    );
    await write(...records);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: ThreadQuery = { ...ALL, limit: 10, ...(cursor === null ? {} : { cursor }) };
      const page = storage().threads.list(query);
      seen.push(...page.data.map(({ threadId }) => threadId));
      cursor = page.nextCursor;
      await write(thread({ createdAt: '2027-01-01T00:00:00.000Z' }));
    } while (cursor !== null);
    expect(seen).toEqual(records.map(({ threadId }) => threadId).reverse());
  });

  it('has no next page when the last one is exactly full', async () => {
    await write(thread(), thread());
    expect(storage().threads.list({ ...ALL, limit: 2 }).nextCursor).toBeNull();
    expect(storage().threads.list({ ...ALL, limit: 1 }).nextCursor).not.toBeNull();
  });

  it('filters by folder, provider, and all of several metadata', async () => {
    await write(
      thread({ threadId: 'a', cwd: '/a', modelProvider: 'x', metadata: { team: 'red', 'a.b': '1' } }),
      thread({ threadId: 'b', cwd: '/a', modelProvider: 'y', metadata: { team: 'red', 'it"s $.[0]\'': '2' } }),
      thread({ threadId: 'c', cwd: null, modelProvider: null, metadata: { team: 'blue' } }),
    );
    expect(idsOf({ cwd: '/a' })).toEqual(['b', 'a']);
    expect(idsOf({ cwd: '/a', modelProvider: 'x' })).toEqual(['a']);
    expect(idsOf({ metadata: { team: 'red' } })).toEqual(['b', 'a']);
    expect(idsOf({ metadata: { team: 'red', 'a.b': '1' } })).toEqual(['a']);
    expect(idsOf({ metadata: { 'it"s $.[0]\'': '2' } })).toEqual(['b']);
    expect(idsOf({ metadata: { 'a.b': '2' } })).toEqual([]);
    expect(idsOf({ metadata: {} })).toEqual(['c', 'b', 'a']);
  });

  it('lists only some threads, or all but some', async () => {
    await write(
      ...['a', 'b', 'c'].map((threadId) =>
        thread({ threadId, createdAt: `2026-01-0${String('abc'.indexOf(threadId) + 1)}T00:00:00.000Z` }),
      ),
    );
    expect(idsOf({ ids: { isExcluding: false, threadIds: ['a', 'c', 'gone'] } })).toEqual(['c', 'a']);
    expect(idsOf({ ids: { isExcluding: true, threadIds: ['a', 'gone'] } })).toEqual(['c', 'b']);
    expect(idsOf({ ids: { isExcluding: false, threadIds: [] } })).toEqual([]);
    expect(idsOf({ ids: { isExcluding: true, threadIds: [] } })).toEqual(['c', 'b', 'a']);
  });

  it('searches name and preview without regard to case, and takes every character as itself', async () => {
    await write(
      thread({ threadId: 'a', name: 'Fix the BUILD', preview: 'ÄRGER mit 100%' }),
      thread({ threadId: 'b', name: null, preview: "it's a_b \\ end" }),
      thread({ threadId: 'c', name: 'abc', preview: 'def' }),
    );
    expect(idsOf({ search: 'build' })).toEqual(['a']);
    expect(idsOf({ search: 'ärger' })).toEqual(['a']);
    expect(idsOf({ search: '0%' })).toEqual(['a']);
    expect(idsOf({ search: '%' })).toEqual(['a']);
    expect(idsOf({ search: '_' })).toEqual(['b']);
    expect(idsOf({ search: '\\' })).toEqual(['b']);
    expect(idsOf({ search: "it's" })).toEqual(['b']);
    expect(idsOf({ search: 'cd' })).toEqual([]);
  });

  it.each(["' OR 1=1 --", '"; DROP TABLE threads; --', "') UNION SELECT 1,2,3 --"])(
    'takes %j for plain text',
    async (text) => {
      await write(thread({ threadId: 'a' }));
      expect(idsOf({ search: text })).toEqual([]);
      expect(idsOf({ cwd: text })).toEqual([]);
      expect(idsOf({ metadata: { [text]: text } })).toEqual([]);
      expect(storage().threads.find(text)).toBeUndefined();
      expect(idsOf({})).toEqual(['a']);
    },
  );

  it('refuses a cursor that it did not give', async () => {
    await write(thread(), thread());
    const given = storage().threads.list({ ...ALL, limit: 1 }).nextCursor ?? '';
    const forged = Buffer.from('["created_at",1,2]').toString('base64url');
    for (const cursor of ['', 'x', `${given}=`, `${given}x`, forged, '%%%', 'W10']) {
      expect(() => storage().threads.list({ ...ALL, cursor })).toThrow(
        expect.objectContaining({ code: 'invalid_request' }) as Error,
      );
    }
    expect(() => storage().threads.list({ ...ALL, sortKey: 'updated_at', cursor: given })).toThrow(/cursor/);
  });
}
