import { jest } from '@jest/globals';
import { IdempotencyService, type Operation } from '../../../../src/core/idempotency/idempotency-service.js';
import { type KeptAnswer } from '../../../../src/core/idempotency/idempotency-store.js';
import { MemoryIdempotencyStore } from '../../../support/memory-idempotency-store.js';

const REQUEST = { callerId: 'ann', key: 'key-1', fingerprint: 'POST /things {}' };
const ANSWER: KeptAnswer = { status: 201, headers: { Location: '/things/1' }, body: '{"id":1}' };
const HOUR_MS = 60 * 60_000;

describe('IdempotencyService', () => {
  let store: MemoryIdempotencyStore;
  let nowMs: number;
  let service: IdempotencyService;

  beforeEach(() => {
    store = new MemoryIdempotencyStore();
    nowMs = Date.parse('2026-01-02T03:04:05.000Z');
    service = newService();
  });

  const newService = (): IdempotencyService => new IdempotencyService(store, () => nowMs);

  async function operation(request = REQUEST, by = service): Promise<Operation> {
    const found = await by.begin(request);
    if ('body' in found) {
      throw new Error('It was answered already.');
    }
    return found;
  }

  it('gives the first answer to all who ask again', async () => {
    await (await operation()).finish(ANSWER);
    expect(await service.begin(REQUEST)).toEqual(ANSWER);
    expect(await newService().begin(REQUEST)).toEqual(ANSWER);
  });

  it('refuses the key for another request, while the first one runs and after', async () => {
    const other = { ...REQUEST, fingerprint: 'POST /things {"a":1}' };
    const first = await operation();
    await expect(service.begin(other)).rejects.toMatchObject({ code: 'idempotency_conflict' });
    await first.finish(ANSWER);
    await expect(service.begin(other)).rejects.toMatchObject({ code: 'idempotency_conflict' });
    await expect(newService().begin(other)).rejects.toMatchObject({ code: 'idempotency_conflict' });
  });

  it('lets one of two through that come together, and tells the other one to wait', async () => {
    const [first, second] = await Promise.allSettled([service.begin(REQUEST), service.begin(REQUEST)]);
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
    const again = await operation(REQUEST, newService());
    expect(again.id).toBe(first.id);
    await again.finish(ANSWER);
    expect(await newService().begin(REQUEST)).toEqual(ANSWER);
  });

  it('says whether an earlier attempt may have done it', async () => {
    expect((await operation()).isRetry).toBe(false);
    expect((await operation(REQUEST, newService())).isRetry).toBe(true);
  });

  it('refuses, as often as it is asked, what was cut short and must not be done twice', async () => {
    const once = { ...REQUEST, isUnrepeatable: true };
    await operation(once);
    for (const by of [newService(), newService()]) {
      await expect(by.begin(once)).rejects.toMatchObject({ code: 'conflict', retryAfterSeconds: undefined });
    }
    nowMs += 24 * HOUR_MS + 1;
    expect((await operation(once, newService())).isRetry).toBe(false);
  });

  describe('with content that comes later', () => {
    const UPLOAD = { ...REQUEST, isContentPending: true };

    async function answered(content: string): Promise<void> {
      const first = await operation(UPLOAD);
      expect(await first.identify(content)).toBeUndefined();
      await first.finish(ANSWER);
    }

    it('gives the answer once the content is known to be the same', async () => {
      await answered('a');
      const again = await operation(UPLOAD, newService());
      expect(await again.identify('a')).toEqual(ANSWER);
      await again.finish(ANSWER);
      expect(store.records.size).toBe(1);
    });

    it('refuses other content, and forgets nothing by that', async () => {
      await answered('a');
      const other = await operation(UPLOAD);
      await expect(other.identify('b')).rejects.toMatchObject({ code: 'idempotency_conflict' });
      await other.finish({ ...ANSWER, status: 409 });
      expect(await (await operation(UPLOAD)).identify('a')).toEqual(ANSWER);
    });

    it('forgets nothing by a retry that breaks off', async () => {
      await answered('a');
      await (await operation(UPLOAD)).finish({ ...ANSWER, status: 400 });
      expect(await (await operation(UPLOAD)).identify('a')).toEqual(ANSWER);
    });

    it('does anew, under another id, what broke off before its content was known', async () => {
      const first = await operation(UPLOAD);
      await first.finish({ ...ANSWER, status: 400 });
      expect((await operation(UPLOAD)).id).not.toBe(first.id);
    });

    it('does it again under the same id when the server ended over it, for the same content only', async () => {
      const first = await operation(UPLOAD);
      await first.identify('a');
      const other = await operation(UPLOAD, newService());
      await expect(other.identify('b')).rejects.toMatchObject({ code: 'idempotency_conflict' });
      await other.finish(null);
      const again = await operation(UPLOAD, newService());
      expect([await again.identify('a'), again.id]).toEqual([undefined, first.id]);
    });
  });

  it('forgets an answer after 24 hours', async () => {
    await (await operation()).finish(ANSWER);
    nowMs += 24 * HOUR_MS;
    expect(await service.begin(REQUEST)).toEqual(ANSWER);
    nowMs += 1;
    await (await operation()).finish({ ...ANSWER, body: '{"id":2}' });
    nowMs += 23 * HOUR_MS;
    expect(await service.begin(REQUEST)).toMatchObject({ body: '{"id":2}' });
  });

  it('clears old answers away when new requests come', async () => {
    await (await operation()).finish(ANSWER);
    nowMs += 25 * HOUR_MS;
    await operation({ ...REQUEST, key: 'key-2' });
    expect([...store.records.keys()]).toEqual(['ann key-2']);
  });

  it('lets a request be tried again when its beginning could not be stored', async () => {
    const put = jest.spyOn(store, 'put').mockRejectedValueOnce(new Error('the disk is full'));
    await expect(service.begin(REQUEST)).rejects.toThrow('the disk is full');
    put.mockRestore();
    expect((await operation()).id).toBeDefined();
  });
});
