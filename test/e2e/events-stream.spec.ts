import { App, type Json } from '../support/start-app.js';
import { TOKEN } from '../support/server-process.js';
import { eventBytes, RawStream } from '../support/raw-stream.js';

describe('the stream of a thread', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  const urlOf = (threadId: string, query = ''): string => `${app.url}/api/v2/threads/${threadId}/events${query}`;

  /** A thread with one turn behind it. */
  async function usedThread(): Promise<string> {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Hello there.\nrun: echo one\nsay: Done.');
    return threadId;
  }

  async function replayed(threadId: string, query: string, headers: Record<string, string> = {}): Promise<string> {
    const stream = (await RawStream.open(urlOf(threadId, query), headers)).read();
    const text = await stream.until('stream/live');
    stream.close();
    return text;
  }

  it('begins with the time to reconnect and the state of the thread, in a frame without an id, and then is live', async () => {
    const threadId = await app.createThread();
    // The engine's own word of the new thread may come after the answer to its creation.
    const first = await app.stream(threadId, '?after=0');
    await first.until('thread/started');
    first.close();
    const stream = (await RawStream.open(urlOf(threadId))).read();
    const text = await stream.until('stream/live"}\n\n');
    stream.close();

    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    const [retry, opened = '', live, rest] = text.split('\n\n');
    expect([retry, live, rest]).toEqual(['retry: 2000', 'event: stream/live\ndata: {"event":"stream/live"}', '']);
    expect(opened.startsWith('event: stream/opened\ndata: {')).toBe(true);
    const thread = (await app.get(`/api/v2/threads/${threadId}`).expect(200)).body as Json;
    expect(JSON.parse(opened.slice(opened.indexOf('{')))).toEqual({
      event: 'stream/opened',
      thread,
      active_turn: null,
      pending_approvals: [],
      latest_seq: thread.latest_seq,
    });
  });

  it('tells a client that arrives in the middle of a turn what runs and what is asked', async () => {
    const threadId = await app.createThread();
    const first = await app.stream(threadId);
    await first.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, 'run escalated: echo x because: it is a test');
    const question = await first.until('item/commandExecution/requestApproval');
    const second = await app.stream(threadId);
    const { data } = await second.until('stream/opened');
    await app.post(`/api/v2/threads/${threadId}/approvals/${String(question.data.approval_id)}`, {
      decision: 'decline',
    });
    await second.turnEnd(turnId);
    await first.turnEnd(turnId);
    first.close();
    second.close();

    expect(data).toMatchObject({
      thread: { thread_id: threadId, status: 'waiting', active_turn_id: turnId },
      active_turn: { turn_id: turnId, status: 'in_progress' },
      pending_approvals: [{ approval_id: question.data.approval_id, turn_id: turnId, status: 'pending' }],
    });
    expect(second.events[0]?.id).toBe(String(Number(data.latest_seq) + 1));
  });

  it('numbers the events 1, 2, 3 … and puts its envelope in each, with keys in snake_case', async () => {
    const threadId = await usedThread();
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('stream/live');
    stream.close();

    expect(stream.events.length).toBeGreaterThan(15);
    expect(stream.events.map(({ id }) => id)).toEqual(stream.events.map((_, index) => String(index + 1)));
    const turnIds = new Set(stream.events.map(({ data }) => data.turn_id).filter((id) => id !== undefined));
    expect(turnIds.size).toBe(1);
    for (const { id, event, data } of stream.events) {
      expect(data).toMatchObject({ event, thread_id: threadId, seq: Number(id) });
      expect(data.emitted_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect('turn_id' in data || !/^(item|turn)\//.test(event ?? '')).toBe(true);
      expect(keysOf(data).filter((key) => !/^[a-z][a-z0-9_]*$/.test(key))).toEqual([]);
    }
    expect(
      stream.names.filter((name) => name !== 'item/agentMessage/delta' && name !== 'account/rateLimits/updated'),
    ).toEqual(
      expect.arrayContaining([
        'turn/started',
        'item/started',
        'item/completed',
        'thread/tokenUsage/updated',
        'turn/completed',
      ]),
    );
  });

  it('gives two subscribers and everyone who replays later the same bytes', async () => {
    const threadId = await app.createThread();
    const one = (await RawStream.open(urlOf(threadId, '?after=0'))).read();
    const two = (await RawStream.open(urlOf(threadId, '?after=0'))).read();
    await Promise.all([one.until('stream/live'), two.until('stream/live')]);
    await app.submit(threadId, 'say: The same for all.\ndeltas: 200');
    await Promise.all([one.until('event: turn/completed'), two.until('event: turn/completed')]);
    const later = eventBytes(await replayed(threadId, '?after=0'));
    one.close();
    two.close();

    const end = later.findIndex((frame) => frame.includes('event: turn/completed'));
    expect(eventBytes(one.text).slice(0, end)).toEqual(later.slice(0, end));
    expect(eventBytes(two.text).slice(0, end)).toEqual(later.slice(0, end));
  });

  it('leaves the event lines out with ?named=false, so that onmessage sees everything', async () => {
    const threadId = await usedThread();
    const named = await replayed(threadId, '?after=0');
    const unnamed = await replayed(threadId, '?after=0&named=false');
    expect(unnamed).toBe(named.replaceAll(/^event: .*\n/gm, ''));
  });

  it('replays what comes after ?after, and after Last-Event-ID where both are given', async () => {
    const threadId = await usedThread();
    const all = eventBytes(await replayed(threadId, '?after=0'));
    expect(eventBytes(await replayed(threadId, '?after=4'))).toEqual(all.slice(4));
    expect(eventBytes(await replayed(threadId, '?after=4', { 'last-event-id': '7' }))).toEqual(all.slice(7));
    expect(eventBytes(await replayed(threadId, '', { 'last-event-id': '7' }))).toEqual(all.slice(7));
    expect(eventBytes(await replayed(threadId, `?after=${String(all.length)}`))).toEqual([]);
  });

  it('is live from now on without either', async () => {
    const threadId = await usedThread();
    expect(eventBytes(await replayed(threadId, ''))).toEqual([]);
  });

  it('answers a place ahead of the log with a gap and then everything that is kept', async () => {
    const threadId = await usedThread();
    const all = eventBytes(await replayed(threadId, '?after=0'));
    const text = await replayed(threadId, '', { 'last-event-id': '999999' });
    expect(eventBytes(text)).toEqual(all);
    const gap = { event: 'stream/gap', requested: 999999, earliest_seq: 1, latest_seq: all.length };
    expect(text).toContain(`event: stream/gap\ndata: ${JSON.stringify(gap)}\n\nid: 1\n`);
  });

  it.each(['x', '-1', '1.5', '1e3', '99999999999999999999'])(
    'answers a Last-Event-ID that is no number (%j) with 400',
    async (lastEventId) => {
      const threadId = await app.createThread();
      const answer = await app.get(`/api/v2/threads/${threadId}/events`).set('Last-Event-ID', lastEventId);
      expect([answer.status, answer.type]).toEqual([400, 'application/problem+json']);
      expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ path: 'Last-Event-ID' }] });
    },
  );

  it.each(['after=x', 'after=-1', 'named=maybe', 'surprise=1'])('answers ?%s with 400', async (query) => {
    const threadId = await app.createThread();
    const answer = await app.get(`/api/v2/threads/${threadId}/events?${query}`);
    expect([answer.status, answer.body]).toEqual([400, expect.objectContaining({ code: 'invalid_request' })]);
  });

  it('answers an unknown thread with 404 and a wrong token with 401, as JSON and never as a stream', async () => {
    const threadId = await app.createThread();
    const missing = await app.get('/api/v2/threads/0198c0de-0000-7000-8000-000000000000/events');
    expect([missing.status, missing.type, (missing.body as Json).code]).toEqual([
      404,
      'application/problem+json',
      'thread_not_found',
    ]);
    for (const path of [`/api/v2/threads/${threadId}/events`, '/api/v2/events']) {
      const wrong = await app.get(path).set('Authorization', `Bearer ${TOKEN}x`);
      expect([wrong.status, wrong.type, (wrong.body as Json).code]).toEqual([
        401,
        'application/problem+json',
        'unauthorized',
      ]);
    }
  });

  it('goes on with a turn when everybody who watched it is gone', async () => {
    const threadId = await app.createThread();
    const watcher = await app.stream(threadId);
    await watcher.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, 'say: Before.\ngate: unwatched\nsay: After.');
    await watcher.until('item/agentMessage/delta');
    watcher.close();
    await watcher.ended;
    await app.model.reached('unwatched');
    app.model.release('unwatched');
    const later = await app.stream(threadId, '?after=0');
    expect(await later.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    later.close();
  });

  it('slows nobody for a reader that does not read, and tells it where to resume', async () => {
    const threadId = await app.createThread();
    const stuck = await RawStream.open(urlOf(threadId, '?after=0'));
    const quick = await app.stream(threadId, '?after=0');
    await quick.until('stream/live');
    // More than the two sockets hold, in pieces that a reader keeps up with.
    for (let count = 0; count < 6; count += 1) {
      const { turn_id: turnId } = await app.submit(threadId, 'deltas: 250 size=3000');
      expect(await quick.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    }
    quick.close();

    stuck.read();
    await stuck.ended;
    const frames = eventBytes(stuck.text);
    const lagged = JSON.parse(stuck.text.split('data: ').at(-1) ?? '') as Json;
    expect(lagged).toMatchObject({ event: 'stream/lagged', last_id: String(frames.length) });
    const all = eventBytes(await replayed(threadId, '?after=0'));
    expect(frames).toEqual(all.slice(0, frames.length));
    const rest = eventBytes(await replayed(threadId, '', { 'last-event-id': String(lagged.last_id) }));
    expect([...frames, ...rest]).toEqual(all);
  });
});

function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(keysOf)];
}
