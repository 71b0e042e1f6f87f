import { type FeedbackRecord } from '../../src/core/feedback/feedback.js';
import { attachment, feedback, kept } from './document-builders.js';
import { type Storage } from './storage-contract.js';

const at = (second: number): string => `2026-01-02T03:04:0${String(second)}.000Z`;

export function describeDocuments(storage: () => Storage): void {
  const putAll = async (...records: FeedbackRecord[]): Promise<void> => {
    await Promise.all(records.map((record) => storage().feedback.put(record)));
  };

  it('gives feedback back as it was put, and its newest form after a change', async () => {
    const record = feedback({ reason: 'Ünïcode "quoted"\n👋', threadId: 'thread_1', includeLogs: true, lastSeq: 7 });
    await putAll(record);
    expect(storage().feedback.find(record.feedbackId)).toEqual(record);
    expect(storage().feedback.find('nobody')).toBeUndefined();
    const sent: FeedbackRecord = { ...record, status: 'delivered', attempts: 2, deliveredAt: at(9) };
    await putAll(sent);
    expect(storage().feedback.find(record.feedbackId)).toEqual(sent);
    expect(storage().feedback.list({ limit: 10 }).data).toEqual([sent]);
  });

  it('finds feedback by its present status, oldest first', async () => {
    const records = [2, 1, 3].map((second) => feedback({ createdAt: at(second) }));
    await putAll(...records, feedback({ status: 'failed' }));
    const [second, first, third] = records;
    expect(storage().feedback.withStatus('pending')).toEqual([first, second, third]);
    await putAll({ ...first!, status: 'delivered' });
    expect(storage().feedback.withStatus('pending')).toEqual([second, third]);
    expect(storage().feedback.withStatus('stored')).toEqual([]);
  });

  it('pages through feedback, newest first, and sees each once', async () => {
    const records = Array.from({ length: 7 }, (_, index) => feedback({ createdAt: at(index % 3) }));
    await putAll(...records);
    const seen: FeedbackRecord[] = [];
    let cursor: string | null | undefined;
    do {
      const page = storage().feedback.list({ limit: 2, ...(cursor ? { cursor } : {}) });
      expect(page.data.length).toBeLessThanOrEqual(2);
      seen.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor);
    const sortKey = ({ createdAt, feedbackId }: FeedbackRecord): string => `${createdAt} ${feedbackId}`;
    expect(seen.map(sortKey)).toEqual(records.map(sortKey).sort().reverse());
  });

  it('refuses a cursor that it did not give', () => {
    expect(() => storage().feedback.list({ limit: 2, cursor: 'bm9uZQ' })).toThrow(
      expect.objectContaining({ code: 'invalid_request' }) as Error,
    );
  });

  it('keeps the answers of each caller apart, under keys of any form', async () => {
    const mine = kept({ callerId: 'a', key: 'b","c' });
    const other = kept({ callerId: 'a","b', key: 'c', answer: null });
    await storage().idempotency.put(mine);
    await storage().idempotency.put(other);
    expect(storage().idempotency.find('a', 'b","c')).toEqual(mine);
    expect(storage().idempotency.find('a","b', 'c')).toEqual(other);
    await storage().idempotency.delete('a', 'b","c');
    expect(storage().idempotency.find('a', 'b","c')).toBeUndefined();
    expect(storage().idempotency.find('a","b', 'c')).toEqual(other);
  });

  it('forgets answers by the age of their latest form', async () => {
    await storage().idempotency.put(kept({ key: 'old', createdAt: at(1) }));
    await storage().idempotency.put(kept({ key: 'renewed', createdAt: at(1) }));
    await storage().idempotency.put(kept({ key: 'renewed', createdAt: at(5) }));
    await storage().idempotency.deleteBefore(at(2));
    expect(storage().idempotency.find('caller', 'old')).toBeUndefined();
    expect(storage().idempotency.find('caller', 'renewed')).toEqual(kept({ key: 'renewed', createdAt: at(5) }));
    await storage().idempotency.deleteBefore(at(5));
    expect(storage().idempotency.find('caller', 'renewed')).toBeDefined();
  });

  it('finds attachments by id, thread and age', async () => {
    const [first, second, third] = [1, 2, 3].map((second) => attachment({ createdAt: at(second), threadId: null }));
    for (const record of [third!, first!, second!]) {
      await storage().attachments.put(record);
    }
    expect(storage().attachments.createdBefore(at(3), 10)).toEqual([first, second]);
    expect(storage().attachments.createdBefore(at(3), 1)).toEqual([first]);
    await storage().attachments.put({ ...second!, threadId: 'thread_1' });
    expect(storage().attachments.ofThread('thread_1')).toEqual([{ ...second, threadId: 'thread_1' }]);
    await storage().attachments.delete([]);
    await storage().attachments.delete([first!.attachmentId, third!.attachmentId]);
    expect(storage().attachments.find(first!.attachmentId)).toBeUndefined();
    expect(storage().attachments.createdBefore(at(9), 10)).toEqual([{ ...second, threadId: 'thread_1' }]);
  });

  it('keeps records of one kind out of the lists of another', async () => {
    await storage().idempotency.put(kept({ createdAt: at(1) }));
    await storage().attachments.put(attachment({ createdAt: at(1) }));
    expect(storage().feedback.list({ limit: 10 })).toEqual({ data: [], nextCursor: null });
    await storage().idempotency.deleteBefore(at(9));
    expect(storage().attachments.createdBefore(at(9), 10)).toHaveLength(1);
  });
}
