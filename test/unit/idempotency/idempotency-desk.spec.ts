import { jest } from '@jest/globals';
import { IdempotencyDesk, type Operation } from '../../../src/core/idempotency/idempotency-desk.js';
import { type KeptAnswer } from '../../../src/core/idempotency/idempotency-store.js';
import { MemoryIdempotencyStore } from '../../support/memory-idempotency-store.js';

const REQUEST = { callerId: 'ann', key: 'key-1', fingerprint: 'POST /things {}' };
const ANSWER: KeptAnswer = { status: 201, headers: { Location: '/things/1' }, body: '{"id":1}' };
const HOUR_MS = 60 * 60_000;

describe('IdempotencyDesk', () => {
  let store: MemoryIdempotencyStore;
  let nowMs: number;
  let desk: IdempotencyDesk;

  beforeEach(() => {
    store = new MemoryIdempotencyStore();
    nowMs = Date.parse('2026-01-02T03:04:05.000Z');
    desk = newDesk();
  });

  const newDesk = (): IdempotencyDesk => new IdempotencyDesk(store, () => nowMs);

  async function operation(request = REQUEST, by = desk): Promise<Operation> {
    const found = await by.begin(request);
    if ('body' in found) {
      throw new Error('It was answered already.');
    }
    return found;
  }

  it('gives the first answer to all who ask again', async () => {
    await (await operation()).finish(ANSWER);
    expect(await desk.begin(REQUEST)).toEqual(ANSWER);
    expect(await newDesk().begin(REQUEST)).toEqual(ANSWER);
  });

  it('refuses the key for another request, while the first one runs and after', async () => {
    const other = { ...REQUEST, fingerprint: 'POST /things {"a":1}' };
    const first = await operation();
    await expect(desk.begin(other)).rejects.toMatchObject({ code: 'idempotency_conflict' });
    await first.finish(ANSWER);
    await expect(desk.begin(other)).rejects.toMatchObject({ code: 'idempotency_conflict' });
    await expect(newDesk().begin(other)).rejects.toMatchObject({ code: 'idempotency_conflict' });
  });

  it('lets one of two through that come together, and tells the other one to wait', async () => {
    const [first, second] = await Promise.allSettled([desk.begin(REQUEST), desk.begin(REQUEST)]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { code: 'conflict', retryAfterSeconds: 1 } });
  });

  it('keeps the keys of callers apart', async () => {
    await (await operation()).finish(ANSWER);
    const theirs = await operation({ ...REQUEST, callerId: 'ben', fingerprint: 'POST /other {}' });
    expect(theirs.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('does anew what ended without an answer to keep', async () => {
    const first = await operation();
    await first.finish(null);
    expect(store.records.size).toBe(0);
    expect((await operation()).id).not.toBe(first.id);
  });

  it('does again, under the same id, what the end of the server cut short', async () => {
    const first = await operation();
    const again = await operation(REQUEST, newDesk());
    expect(again.id).toBe(first.id);
    await again.finish(ANSWER);
    expect(await newDesk().begin(REQUEST)).toEqual(ANSWER);
  });

  it('forgets an answer after 24 hours', async () => {
    await (await operation()).finish(ANSWER);
    nowMs += 24 * HOUR_MS;
    expect(await desk.begin(REQUEST)).toEqual(ANSWER);
    nowMs += 1;
    await (await operation()).finish({ ...ANSWER, body: '{"id":2}' });
    nowMs += 23 * HOUR_MS;
    expect(await desk.begin(REQUEST)).toMatchObject({ body: '{"id":2}' });
  });

  it('clears old answers away when new requests come', async () => {
    await (await operation()).finish(ANSWER);
    nowMs += 25 * HOUR_MS;
    await operation({ ...REQUEST, key: 'key-2' });
    expect([...store.records.keys()]).toEqual(['ann key-2']);
  });

  it('lets a request be tried again when its beginning could not be stored', async () => {
    const put = jest.spyOn(store, 'put').mockRejectedValueOnce(new Error('the disk is full'));
    await expect(desk.begin(REQUEST)).rejects.toThrow('the disk is full');
    put.mockRestore();
    expect((await operation()).id).toBeDefined();
  });
});
