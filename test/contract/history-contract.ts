import { type Page } from '../../src/core/threads/thread-index.js';
import { type HistoryQuery } from '../../src/core/turns/turn-index.js';
import { approval, entry, item, turn } from './storage-builders.js';
import { type Storage } from './storage-contract.js';

const ASCENDING: HistoryQuery = { sortDirection: 'asc', limit: 100 };
const DESCENDING: HistoryQuery = { sortDirection: 'desc', limit: 100 };

export function describeHistory(storage: () => Storage): void {
  describeTurns(storage);
  describeApprovals(storage);
}

function describeTurns(storage: () => Storage): void {
  it('finds a turn in its own thread only, as it was last written', async () => {
    const first = turn('a', 0, { status: 'in_progress', engineTurnId: null });
    await storage().journal.write(entry({ turns: [first, turn('b', 0, { engineTurnId: 'e1' })] }));
    const last = turn('a', 0, { status: 'failed', error: { message: 'No' }, engineTurnId: 'e1' });
    await storage().journal.write(entry({ turns: [last] }));
    expect(storage().turns.findTurn('a', 'turn_0')).toEqual(last);
    expect(storage().turns.findTurn('a', 'turn_1')).toBeUndefined();
    expect(storage().turns.findTurn('c', 'turn_0')).toBeUndefined();
    expect(storage().turns.findByEngineId('a', 'e1')).toBe('turn_0');
    expect(storage().turns.findByEngineId('a', 'turn_0')).toBeUndefined();
  });

  it('lists turns and items by position, a page at a time, in both directions', async () => {
    const turns = Array.from({ length: 7 }, (_, index) => turn('a', index));
    const items = Array.from({ length: 12 }, (_, index) => item('a', `turn_${(index % 2).toString()}`, index));
    await storage().journal.write(entry({ turns: [...turns].reverse(), items: [...items].reverse() }));
    await storage().journal.write(entry({ turns: [turn('b', 0)], items: [item('b', 'turn_0', 0)] }));
    const index = storage().turns;
    expect(allPages((cursor) => index.listTurns('a', { ...ASCENDING, limit: 3, ...cursor }))).toEqual(turns);
    expect(allPages((cursor) => index.listTurns('a', { ...DESCENDING, limit: 3, ...cursor }))).toEqual(
      [...turns].reverse(),
    );
    expect(allPages((cursor) => index.listItems('a', { ...DESCENDING, limit: 5, ...cursor }))).toEqual(
      [...items].reverse(),
    );
    expect(allPages((cursor) => index.listItems('a', { ...ASCENDING, limit: 4, turnId: 'turn_1', ...cursor }))).toEqual(
      items.filter(({ turnId }) => turnId === 'turn_1'),
    );
    expect(index.itemsOf('a', ['turn_1', 'turn_0', 'turn_9'])).toEqual(items);
    expect(index.itemsOf('a', [])).toEqual([]);
    expect(index.nextPositions('a')).toEqual({ turn: 7, item: 12 });
  });

  it('lists the turns of one status, a page at a time', async () => {
    const statuses = ['completed', 'queued', 'failed', 'queued', 'in_progress', 'queued', 'completed'] as const;
    const turns = statuses.map((status, index) => turn('a', index, { status }));
    await storage().journal.write(entry({ turns: [...turns, turn('b', 0, { status: 'queued' })] }));
    for (const status of new Set(statuses)) {
      const own = turns.filter((one) => one.status === status);
      const pages = (query: HistoryQuery): unknown[] =>
        allPages((cursor) => storage().turns.listTurns('a', { ...query, status, limit: 2, ...cursor }));
      expect(pages(ASCENDING)).toEqual(own);
      expect(pages(DESCENDING)).toEqual([...own].reverse());
    }
    expect(storage().turns.listTurns('a', { ...ASCENDING, status: 'cancelled' }).data).toEqual([]);
  });

  it('keeps the same item id of two turns and two threads apart', async () => {
    const items = [item('a', 'turn_0', 0), { ...item('a', 'turn_1', 1), itemId: 'item_0' }, item('b', 'turn_0', 0)];
    await storage().journal.write(entry({ items }));
    await storage().journal.write(entry({ items: [{ ...item('a', 'turn_0', 0), json: '{"new":true}' }] }));
    expect(storage().turns.listItems('a', ASCENDING).data).toEqual([
      { ...item('a', 'turn_0', 0), json: '{"new":true}' },
      items[1],
    ]);
    expect(storage().turns.listItems('b', ASCENDING).data).toEqual([items[2]]);
  });

  it('refuses the cursor of another list', async () => {
    await storage().journal.write(entry({ turns: [turn('a', 0), turn('a', 1)], items: [item('a', 'turn_0', 0)] }));
    const cursor = storage().turns.listTurns('a', { ...ASCENDING, limit: 1 }).nextCursor ?? '';
    expect(() => storage().turns.listTurns('b', { ...ASCENDING, cursor })).toThrow(/cursor/);
    expect(() => storage().turns.listItems('a', { ...ASCENDING, cursor })).toThrow(/cursor/);
    expect(() => storage().approvals.list({ limit: 1, cursor })).toThrow(/cursor/);
  });

  it('knows what is open and what waits', async () => {
    const running = turn('a', 3, { status: 'in_progress' });
    const later = turn('a', 5, { status: 'queued' });
    const sooner = turn('a', 4, { status: 'queued' });
    const elsewhere = turn('b', 9, { status: 'queued' });
    await storage().journal.write(entry({ turns: [later, running, sooner, elsewhere, turn('a', 2)] }));
    expect(storage().turns.openTurns()).toEqual([running, sooner, later, elsewhere]);
    expect(storage().turns.queuedTurns('a')).toEqual([sooner, later]);
    await storage().journal.write(entry({ turns: [{ ...sooner, status: 'cancelled' }] }));
    expect(storage().turns.queuedTurns('a')).toEqual([later]);
  });

  it('takes deleted turns out with their items, of that thread only', async () => {
    const rows = (id: string) => ({
      turns: [turn(id, 0), turn(id, 1)],
      items: [item(id, 'turn_0', 0), item(id, 'turn_1', 1)],
    });
    await storage().journal.write(entry(rows('a')));
    await storage().journal.write(entry(rows('b')));
    await storage().journal.write(entry({ deletedTurns: [{ threadId: 'a', turnId: 'turn_1' }] }));
    expect(storage().turns.listTurns('a', ASCENDING).data).toEqual([turn('a', 0)]);
    expect(storage().turns.listItems('a', ASCENDING).data).toEqual([item('a', 'turn_0', 0)]);
    expect(storage().turns.listTurns('b', ASCENDING).data).toHaveLength(2);
    expect(storage().turns.nextPositions('a')).toEqual({ turn: 1, item: 1 });
  });

  it('takes a deleted item out, of that turn of that thread only, also with the entry that writes it', async () => {
    const items = [item('a', 'turn_0', 0), item('a', 'turn_1', 0), item('b', 'turn_0', 0)];
    const deletedItems = [{ threadId: 'a', turnId: 'turn_0', itemId: 'item_0' }];
    await storage().journal.write(entry({ turns: [turn('a', 0), turn('a', 1), turn('b', 0)], items, deletedItems }));
    expect(storage().turns.listItems('a', ASCENDING).data).toEqual([item('a', 'turn_1', 0)]);
    expect(storage().turns.listItems('b', ASCENDING).data).toEqual([item('b', 'turn_0', 0)]);
    await storage().journal.write(entry({ deletedItems: [{ threadId: 'a', turnId: 'turn_1', itemId: 'item_0' }] }));
    expect(storage().turns.listItems('a', ASCENDING).data).toEqual([]);
  });
}

function describeApprovals(storage: () => Storage): void {
  it('lists pending approvals first, then the newest, a page at a time', async () => {
    const at = (day: number): string => `2026-01-0${day.toString()}T00:00:00.000Z`;
    const old = approval('a', { createdAt: at(1) });
    const answered = approval('a', { createdAt: at(5), status: 'answered', decision: 'approve', resolvedAt: at(6) });
    const expired = approval('b', { createdAt: at(4), status: 'expired' });
    const fresh = approval('b', { createdAt: at(3) });
    const approvals = [old, answered, expired, fresh];
    await storage().journal.write(entry({ approvals }));
    const index = storage().approvals;
    expect(allPages((cursor) => index.list({ limit: 1, ...cursor }))).toEqual([fresh, old, answered, expired]);
    expect(allPages((cursor) => index.list({ limit: 3, ...cursor }))).toEqual([fresh, old, answered, expired]);
    expect(index.list({ threadId: 'a', limit: 10 }).data).toEqual([old, answered]);
    expect(index.list({ status: 'pending', limit: 10 }).data).toEqual([fresh, old]);
    expect(index.list({ threadId: 'b', status: 'expired', limit: 10 }).data).toEqual([expired]);
    expect(index.pending()).toEqual([old, fresh]);
    expect(index.pending('b')).toEqual([fresh]);
    expect(index.find(old.approvalId)).toEqual(old);
    expect(index.find('nobody')).toBeUndefined();
  });

  it('moves an approval that was answered', async () => {
    const asked = approval('a');
    await storage().journal.write(entry({ approvals: [asked] }));
    const answered = { ...asked, status: 'answered' as const, decision: 'decline' as const };
    await storage().journal.write(entry({ approvals: [answered] }));
    expect(storage().approvals.pending('a')).toEqual([]);
    expect(storage().approvals.find(asked.approvalId)).toEqual(answered);
    expect(storage().approvals.list({ limit: 10 }).data).toEqual([answered]);
  });
}

/** Follows the cursors from the first page to the last. */
function allPages<T>(read: (cursor: { cursor?: string }) => Page<T>): T[] {
  const data: T[] = [];
  let cursor: { cursor?: string } = {};
  for (;;) {
    const page = read(cursor);
    data.push(...page.data);
    if (page.nextCursor === null) {
      return data;
    }
    cursor = { cursor: page.nextCursor };
  }
}
