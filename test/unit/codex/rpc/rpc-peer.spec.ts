import { jest } from '@jest/globals';
import { RpcError } from '../../../../src/codex/rpc/rpc-error.js';
import { RpcPeer } from '../../../../src/codex/rpc/rpc-peer.js';

const TIMEOUT_MS = 1000;

interface Sent {
  id: number;
  method: string;
  params?: unknown;
}

describe('RpcPeer', () => {
  let sent: Sent[];
  let notifications: unknown[];
  let requests: unknown[];
  let garbage: string[];
  let peer: RpcPeer;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
    sent = [];
    notifications = [];
    requests = [];
    garbage = [];
    peer = new RpcPeer(
      (line) => {
        expect(line.endsWith('\n')).toBe(true);
        sent.push(JSON.parse(line) as Sent);
      },
      {
        notification: (method, params) => notifications.push([method, params]),
        request: (id, method, params) => requests.push([id, method, params]),
        garbage: (line) => garbage.push(line),
      },
    );
  });

  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  const answer = (id: number, result: unknown): void => {
    peer.receive(JSON.stringify({ id, result }));
  };
  const refuse = (id: number, code: number, message = 'no'): void => {
    peer.receive(JSON.stringify({ id, error: { code, message, data: { why: 1 } } }));
  };

  it('matches answers to requests, in any order', async () => {
    const [one, two] = [peer.request('a', { x: 1 }, TIMEOUT_MS), peer.request('b', undefined, TIMEOUT_MS)];
    expect(sent).toEqual([
      { id: 1, method: 'a', params: { x: 1 } },
      { id: 2, method: 'b' },
    ]);
    answer(2, 'second');
    answer(1, 'first');
    answer(1, 'again');
    answer(77, 'nobody asked');
    expect([await one, await two]).toEqual(['first', 'second']);
  });

  it('rejects with what the other side refused', async () => {
    const refused = peer.request('a', {}, TIMEOUT_MS);
    refuse(1, -32600, 'bad');
    await expect(refused).rejects.toEqual(new RpcError('a', -32600, 'bad', { why: 1 }));
    await expect(refused).rejects.toMatchObject({ method: 'a', code: -32600, data: { why: 1 } });
  });

  it('gives up no request while it is held, since its answer may be there', async () => {
    const asked = peer.request('asked', {}, TIMEOUT_MS);
    peer.hold(true);
    await jest.advanceTimersByTimeAsync(10 * TIMEOUT_MS);
    peer.hold(false);
    answer(1, 'read at last');
    expect(await asked).toBe('read at last');
  });

  it('gives up a request after its time, and does not mind a late answer', async () => {
    const late = peer.request('slow', {}, TIMEOUT_MS);
    const settled = expect(late).rejects.toMatchObject({
      code: 'timeout',
      message: 'The engine did not answer slow within 1 s.',
    });
    await jest.advanceTimersByTimeAsync(TIMEOUT_MS - 1);
    expect(jest.getTimerCount()).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    await settled;
    answer(1, 'late');
  });

  it('tries again, ever later, while the other side says that it is overloaded', async () => {
    const request = peer.request('a', {}, TIMEOUT_MS);
    for (const [index, delayMs] of [20, 50, 100, 200, 400, 800].entries()) {
      refuse(index + 1, -32001);
      await jest.advanceTimersByTimeAsync(delayMs - 1);
      expect(sent).toHaveLength(index + 1);
      await jest.advanceTimersByTimeAsync(1);
      expect(sent).toHaveLength(index + 2);
    }
    answer(7, 'at last');
    expect(await request).toBe('at last');
  });

  it('gives up after the seventh time', async () => {
    const request = peer.request('a', {}, TIMEOUT_MS);
    const settled = expect(request).rejects.toMatchObject({ code: -32001 });
    for (let id = 1; id <= 7; id += 1) {
      refuse(id, -32001);
      await jest.advanceTimersByTimeAsync(800);
    }
    await settled;
    expect(sent).toHaveLength(7);
  });

  it('has at most 64 requests of a method under way, and sends the rest in their order as answers come', async () => {
    const all = Array.from({ length: 100 }, (_, index) => peer.request('m', { index }, TIMEOUT_MS));
    expect(sent).toHaveLength(64);
    answer(1, 0);
    refuse(2, -32600);
    await expect(all[1]).rejects.toBeInstanceOf(RpcError);
    await jest.advanceTimersByTimeAsync(0);
    expect(sent.slice(64).map(({ params }) => params)).toEqual([{ index: 64 }, { index: 65 }]);
    for (let id = 3; id <= 100; id += 1) {
      answer(id, id);
      await jest.advanceTimersByTimeAsync(0);
    }
    await Promise.allSettled(all);
    expect(sent.map(({ params }) => params)).toEqual(all.map((_, index) => ({ index })));
  });

  it('holds no method up by another, and none by requests that take long', async () => {
    const slow = Array.from({ length: 200 }, () => peer.request('slow', {}, TIMEOUT_MS));
    const quick = peer.request('quick', {}, TIMEOUT_MS);
    expect(sent.at(-1)?.method).toBe('quick');
    answer(65, 'at once');
    expect(await quick).toBe('at once');
    await jest.advanceTimersByTimeAsync(250);
    expect(sent).toHaveLength(1 + 128);
    await jest.advanceTimersByTimeAsync(250);
    expect(sent).toHaveLength(1 + 192);
    for (let id = 1; id <= 201; id += 1) {
      answer(id, id);
      await jest.advanceTimersByTimeAsync(0);
    }
    await Promise.all(slow);
  });

  it('sends no half of a surrogate pair, and leaves all else as it is', async () => {
    const texts = ['a \ud83d b', '\udc00\ud83d', '😀', '\\ud83d', '\\\ud83d', '\0\u2028'];
    const asked = peer.request('m', { texts, 'key \ud83d': 1 }, TIMEOUT_MS);
    const wanted = ['a \ufffd b', '\ufffd\ufffd', '😀', '\\ud83d', '\\\ufffd', '\0\u2028'];
    expect(sent).toEqual([{ id: 1, method: 'm', params: { texts: wanted, 'key \ufffd': 1 } }]);
    answer(1, 'read');
    expect(await asked).toBe('read');
  });

  it('sends nothing that nests too deep for the engine, and leaves nobody waiting', async () => {
    const deep = Array.from({ length: 200 }).reduce<object>((inner) => ({ inner }), {});
    await expect(peer.request('m', deep, TIMEOUT_MS)).rejects.toMatchObject({ code: 'invalid_request' });
    peer.respond(7, deep);
    expect(sent).toEqual([
      { id: 7, error: { code: -32600, message: expect.stringContaining('100 levels') as string } },
    ]);
  });

  it('gives up what is not answered a second after a line was dropped', async () => {
    const [lost, slow] = [peer.request('lost', {}, 60_000), peer.request('slow', {}, 60_000)];
    const settled = expect(lost).rejects.toMatchObject({ code: 'engine_error' });
    peer.dropped();
    const later = peer.request('later', {}, 60_000);
    answer(2, 'read');
    expect(await slow).toBe('read');
    await jest.advanceTimersByTimeAsync(1000);
    await settled;
    answer(3, 'read too');
    expect(await later).toBe('read too');
  });

  it('lets the next one go when one runs out of time', async () => {
    const all = Array.from({ length: 65 }, () => peer.request('a', {}, 100));
    const settled = Promise.allSettled(all);
    await jest.advanceTimersByTimeAsync(100);
    expect(sent).toHaveLength(65);
    answer(65, 'done');
    expect((await settled).map(({ status }) => status)).toEqual([...Array<string>(64).fill('rejected'), 'fulfilled']);
  });

  it('fails all that waits when the other side is gone, and all that comes later', async () => {
    const all = Array.from({ length: 70 }, () => peer.request('a', {}, TIMEOUT_MS));
    const settled = Promise.allSettled(all);
    peer.close('The engine was ended by SIGKILL.');
    const gone = { code: 'engine_unavailable', message: 'The engine was ended by SIGKILL.' };
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: gone });
    }
    await expect(peer.request('a', {}, TIMEOUT_MS)).rejects.toMatchObject(gone);
    peer.notify('n');
    peer.respond(1, {});
    expect(sent).toHaveLength(64);
  });

  it('passes on what the other side asks and says, with empty parameters where it gives none', () => {
    peer.receive('{"method":"n","params":{"a":1}}');
    peer.receive('{"method":"n","params":null}');
    peer.receive('{"id":"q","method":"r","params":{"b":2}}');
    peer.receive('{"id":0,"method":"r"}');
    expect(notifications).toEqual([
      ['n', { a: 1 }],
      ['n', {}],
    ]);
    expect(requests).toEqual([
      ['q', 'r', { b: 2 }],
      [0, 'r', {}],
    ]);
    expect(garbage).toEqual([]);
  });

  it.each([
    '',
    'text',
    'null',
    '1',
    '[]',
    '{}',
    '{"id":null}',
    '{"method":1}',
    '{"method":"n","params":"x"}',
    '{"id":{},"method":"r"}',
    '{"id":1,"error":"x"}',
  ])('takes %j for garbage', (line) => {
    peer.receive(line);
    expect([garbage, notifications, requests]).toEqual([[line], [], []]);
  });

  it('answers, refuses and notifies in the form of the protocol', () => {
    peer.respond('q', { ok: true });
    peer.respondError(3, -32601, 'not served');
    peer.notify('initialized');
    expect(sent).toEqual([
      { id: 'q', result: { ok: true } },
      { id: 3, error: { code: -32601, message: 'not served' } },
      { method: 'initialized' },
    ]);
  });
});
