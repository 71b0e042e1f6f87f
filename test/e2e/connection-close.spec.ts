import { RawSocket } from '../support/raw-socket.js';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

/** Far below the time for which an idle connection is kept. */
const SOON_MS = 10_000;

let app: App;
let threadId: string;

beforeAll(async () => {
  app = await App.start();
  threadId = await app.createThread();
});

afterAll(async () => {
  await app.stop();
});

interface Door {
  request: string;
  body?: object;
  /** What the answer holds at its end. */
  last: RegExp;
}

const chat = (isStream: boolean): object => ({
  messages: [{ role: 'user', content: 'say: to its end' }],
  stream: isStream,
});

const DOORS: [name: string, toDoor: () => Door][] = [
  ['JSON', () => ({ request: `GET /api/v2/threads/${threadId}`, last: /"thread_id":.*\}$/ })],
  ['a problem', () => ({ request: 'GET /api/v2/threads/none', last: /"code":"thread_not_found".*\}$/ })],
  ['a created thread', () => ({ request: 'POST /api/v2/threads', body: {}, last: /"thread_id":.*\}$/ })],
  ['the metrics', () => ({ request: 'GET /metrics', last: /codex_web_build_info/ })],
  ['the document', () => ({ request: 'GET /openapi.json', last: /\}$/ })],
  [
    'a response',
    () => ({ request: 'POST /v1/responses', body: { input: 'say: to its end' }, last: /to its end.*\}$/ }),
  ],
  [
    'a streamed response',
    () => ({
      request: 'POST /v1/responses',
      body: { input: 'say: to its end', stream: true },
      last: /data: \[DONE\]\s+$/,
    }),
  ],
  ['a completion', () => ({ request: 'POST /v1/chat/completions', body: chat(false), last: /to its end.*\}$/ })],
  [
    'a streamed completion',
    () => ({ request: 'POST /v1/chat/completions', body: chat(true), last: /data: \[DONE\]\s+$/ }),
  ],
  [
    'messages',
    () => ({
      request: 'POST /messages',
      body: { type: 'user_message', message: 'say: to its end' },
      last: /"task_complete"/,
    }),
  ],
  ['the bridge', () => ({ request: 'POST /api/thread/start', body: {}, last: /"thread":.*\}$/ })],
];

const CLIENTS: [name: string, version: string, headers: string[]][] = [
  ['that asks for the end of the connection', '1.1', ['Connection: close']],
  ['of HTTP/1.0', '1.0', []],
  ['of HTTP/1.0 that says it takes chunks', '1.0', ['TE: chunked']],
  ['of HTTP/1.0 that keeps connections', '1.0', ['Connection: keep-alive']],
];

describe.each(CLIENTS)('a client %s', (_client, version, headers) => {
  it.each(DOORS)('has the whole answer and its end at once: %s', async (_door, toDoor) => {
    const { request, body, last } = toDoor();
    const socket = await RawSocket.open(app.url);
    const text = body === undefined ? '' : JSON.stringify(body);
    const more = body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${String(text.length)}`];
    const own = [`Host: ${new URL(app.url).host}`, `Authorization: Bearer ${TOKEN}`];
    socket.send([`${request} HTTP/${version}`, ...own, ...headers, ...more, '', text].join('\r\n'));
    const begunAtMs = performance.now();
    // One that keeps its connection reads to the length, where there is one.
    const [head = '', ...rest] = await readAnswer(socket);
    expect(performance.now() - begunAtMs).toBeLessThan(SOON_MS);
    const isChunked = /\r\ntransfer-encoding: chunked/i.test(head);
    expect(isChunked).toBe(version === '1.1' && !/\r\ncontent-length: /i.test(head));
    expect(head).toMatch(isKept(head) ? /\r\nContent-Length: \d+/ : /\r\nConnection: close/);
    const answer = rest.join('\r\n\r\n');
    expect(isChunked ? unchunked(answer) : answer).toMatch(last);
    socket.close();
  });
});

const isKept = (head: string): boolean => /\r\nconnection: keep-alive/i.test(head);

async function readAnswer(socket: RawSocket): Promise<string[]> {
  const begun = await socket.until('\r\n\r\n');
  if (!isKept(begun)) {
    return (await socket.closed).split('\r\n\r\n');
  }
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(begun)?.[1]);
  return (await socket.whenLong(begun.indexOf('\r\n\r\n') + 4 + length)).split('\r\n\r\n');
}

function unchunked(text: string): string {
  let [rest, whole] = [text, ''];
  for (;;) {
    const size = Number.parseInt(rest, 16);
    const start = rest.indexOf('\r\n') + 2;
    if (size === 0) {
      return whole;
    }
    whole += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
  }
}

it.each(CLIENTS)(
  'a stream of events ends with its connection, in no chunks, for a client %s',
  async (_client, version, headers) => {
    const id = await app.createThread();
    const socket = await RawSocket.open(app.url);
    const own = [`Host: ${new URL(app.url).host}`, `Authorization: Bearer ${TOKEN}`];
    socket.send([`GET /api/v2/threads/${id}/events HTTP/${version}`, ...own, ...headers, '', ''].join('\r\n'));
    await socket.until('stream/live');
    await app.delete(`/api/v2/threads/${id}`).expect(204);
    const answer = await socket.closed;
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer).toContain('thread/deleted');
  },
);
