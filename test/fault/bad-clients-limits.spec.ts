import { MetricsPage } from '../support/metrics-reader.js';
import { problemOf, type RawAnswer, send } from '../support/raw-request.js';
import { RawSocket, toHead } from '../support/raw-socket.js';
import { TOKEN } from '../support/server-process.js';
import { type SseReader } from '../support/sse-reader.js';
import { App } from '../support/start-app.js';

const RATE_LIMITED = { status: 429, code: 'rate_limited' };
const BEARER = { authorization: `Bearer ${TOKEN}` };

let app: App;

/** A server with these limits, for the tests of one group. */
function withLimits(...args: readonly string[]): void {
  beforeAll(async () => {
    app = await App.start({ args });
  });

  afterAll(async () => {
    await app.stop();
  });
}

const get = (path: string, headers: Record<string, string> = BEARER): Promise<RawAnswer> =>
  send(app.url, { path, headers });

/** Opens a stream as soon as there is room for it. */
async function openWhenFree(open: () => Promise<SseReader>): Promise<SseReader> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!String(error).includes('429')) {
        throw error;
      }
    }
  }
}

describe('the streams of a token, and log-ins', () => {
  withLimits('--max-streams-per-token', '3', '--rate-limit-strangers', '2');

  it('past the limit: streams are refused with Retry-After, until one is closed', async () => {
    const threadId = await app.createThread();
    const path = `/api/v2/threads/${threadId}/events`;
    const open = [await app.stream(threadId), await app.stream(threadId), await app.allEvents()];

    const refused = await get(path);
    expect(problemOf(refused)).toEqual(RATE_LIMITED);
    expect(refused.headers['retry-after']).toBe('5');
    const issued = await app.post('/api/v2/stream-tickets', { thread_id: threadId }).expect(201);
    const { ticket } = issued.body as { ticket: string };
    expect(problemOf(await get(`${path}?ticket=${ticket}`, {}))).toEqual(RATE_LIMITED);
    expect((await MetricsPage.of(app)).value('codex_web_streams_refused_total')).toBe(2);

    // Those that are open go on, and everything else too.
    expect(await app.runTurn(threadId, 'say: Hello.').catch(String)).toContain('429');
    const { turn_id: turnId } = await app.submit(threadId, 'say: Hello.');
    expect(await open[0]!.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    expect(await open[1]!.turnEnd(turnId)).toMatchObject({ status: 'completed' });

    open[0]!.close();
    open.push(await openWhenFree(() => app.stream(threadId)));
    expect(problemOf(await get(path))).toEqual(RATE_LIMITED);
    for (const stream of open) {
      stream.close();
    }
  });

  it('past the limit: whoever tries tokens has to wait, and never whoever has the right one', async () => {
    const guess = (): Promise<RawAnswer> =>
      get('/api/v2/threads', { authorization: 'Bearer a-wrong-guess-of-a-token' });
    const answers = [await guess(), await guess(), await guess()];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 429]);
    expect(Number(answers[2]!.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get('/api/v2/threads')).status).toBe(200);
  });
});

describe('connections', () => {
  withLimits('--max-connections', '5');

  it('past the limit are closed at once, until one of the others is', async () => {
    const held = await Promise.all(Array.from({ length: 5 }, () => RawSocket.open(app.url)));
    expect(await answerTo('/livez')).toBe('');
    held.pop()?.close();
    let answer = '';
    while (answer === '') {
      answer = await answerTo('/metrics');
    }
    const page = new MetricsPage(answer.slice(answer.indexOf('# HELP')));
    expect(page.value('codex_web_connections_refused_total')).toBeGreaterThanOrEqual(1);
    expect(page.value('codex_web_connections_open')).toBe(5);
    for (const socket of held) {
      socket.close();
    }
  });
});

/** All that comes on a connection of its own; nothing when it is closed at once. */
async function answerTo(path: string): Promise<string> {
  const socket = await RawSocket.open(app.url).catch(() => null);
  const request = toHead(app.url, `GET ${path}`, ['Connection: close']);
  return (await socket?.send(`${request}\r\n`).closed) ?? '';
}

describe('the streams of all, and writes', () => {
  withLimits('--max-streams', '2', '--rate-limit-writes', '4');

  it('past the limit: streams are refused, and a refusal takes no room', async () => {
    const threadId = await app.createThread();
    const open = [await app.stream(threadId), await app.stream(threadId)];
    for (let count = 0; count < 10; count += 1) {
      expect(problemOf(await get(`/api/v2/threads/${threadId}/events`))).toEqual(RATE_LIMITED);
    }
    // A stream that there can't be has no slot either.
    open.pop()?.close();
    for (let count = 0; count < 10; count += 1) {
      expect([404, 429]).toContain((await get('/api/v2/threads/none/events')).status);
    }
    open.push(await openWhenFree(() => app.stream(threadId)));
    for (const stream of open) {
      stream.close();
    }
  });

  it('past the limit: a writer is told how long to wait, and before it how much is left; reads go on', async () => {
    const write = (): Promise<RawAnswer> =>
      send(app.url, {
        method: 'POST',
        path: '/api/v2/stream-tickets',
        headers: { ...BEARER, 'content-type': 'application/json' },
        body: '{}',
      });
    // One was the making of the thread above.
    const answers = [await write(), await write(), await write(), await write()];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 429]);
    expect(answers.map(({ headers }) => headers['ratelimit-remaining'])).toEqual(['2', '1', '0', '0']);
    const refused = answers[3]!;
    expect(problemOf(refused)).toEqual(RATE_LIMITED);
    expect(refused.headers['ratelimit-limit']).toBe('4');
    expect(Number(refused.headers['ratelimit-reset'])).toBeGreaterThan(0);
    expect(Number(refused.headers['ratelimit-reset'])).toBeLessThanOrEqual(10);
    expect(refused.headers['retry-after']).toBe(refused.headers['ratelimit-reset']);
    expect((await get('/api/v2/threads')).status).toBe(200);
  });
});
