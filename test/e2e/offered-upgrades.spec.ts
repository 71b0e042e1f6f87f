import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from '../support/reverse-proxy.js';
import { RawSocket, toHead } from '../support/raw-socket.js';
import { ResponseSocketClient, type ResponseBody, textOf } from '../support/responses.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

const run = promisify(execFile);
const JAVA_PROGRAM = 'test/support/java/Requests.java';
const H2C = ['Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA'];
const UPGRADES: [name: string, headers: string[]][] = [
  ['h2c', ['Upgrade: h2c', ...H2C]],
  ['a WebSocket', ['Upgrade: websocket', 'Connection: Upgrade']],
  ['TLS', ['Upgrade: TLS/1.0', 'Connection: Upgrade']],
];

interface Sent {
  method: string;
  path: string;
  body: Json;
}

let app: App;

beforeAll(async () => {
  app = await App.start();
});

afterAll(async () => {
  await app.stop();
});

const say = (text: string): Json => ({ messages: [{ role: 'user', content: `say: ${text}` }] });

/** One request of every door that has a body, and what must be in the answer if the body was heard. */
async function requests(): Promise<[Sent, RegExp][]> {
  const threadId = await app.createThread();
  const other = await app.createThread();
  const input = [{ type: 'text', text: 'say: by turns' }];
  const thread = (id: string): string => `/api/v2/threads/${id}`;
  return [
    [
      { method: 'POST', path: '/api/v2/threads', body: { approval_policy: 'untrusted' } },
      /"approval_policy":"untrusted"/,
    ],
    [{ method: 'PATCH', path: thread(threadId), body: { name: 'Renamed' } }, /"name":"Renamed"/],
    [{ method: 'POST', path: `${thread(threadId)}/turns`, body: { input } }, /"turn_id":/],
    [{ method: 'POST', path: '/api/v2/stream-tickets', body: { thread_id: other } }, /"ticket":/],
    [{ method: 'POST', path: '/api/v2/commands/exec', body: { command: ['echo', 'heard'] } }, /heard/],
    [{ method: 'POST', path: '/v1/responses', body: { input: 'say: by responses' } }, /by responses/],
    [{ method: 'POST', path: '/v1/chat/completions', body: say('by chat') }, /by chat/],
    [
      { method: 'POST', path: '/v1/chat/completions', body: { ...say('by stream'), stream: true } },
      /stream.*\[DONE\]/s,
    ],
    [{ method: 'POST', path: '/v1/conversations', body: { metadata: { heard: 'yes' } } }, /"heard":"yes"/],
    [{ method: 'POST', path: '/messages', body: { type: 'user_message', message: 'say: by messages' } }, /by messages/],
    [{ method: 'POST', path: '/api/thread/start', body: { ephemeral: true } }, /"ephemeral":true/],
  ];
}

describe('an upgrade that is offered', () => {
  it.each(UPGRADES)('to %s changes nothing for a request and its body, at any door', async (_name, headers) => {
    for (const [{ method, path, body }, heard] of await requests()) {
      const text = JSON.stringify(body);
      const more = ['Content-Type: application/json', `Content-Length: ${String(Buffer.byteLength(text))}`];
      const head = toHead(app.url, `${method} ${path}`, [...headers, ...more]);
      const answer = await (await RawSocket.open(app.url)).send(`${head}\r\n${text}`).closed;
      expect([path, answer.slice(0, 12)]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 20/)]);
      expect(answer).toMatch(heard);
      expect(answer.split('HTTP/1.1 ')).toHaveLength(2);
    }
  });

  it.each(UPGRADES)('to %s changes nothing for a body in chunks, and ends the connection', async (_name, headers) => {
    const more = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
    const head = toHead(app.url, 'POST /api/v2/threads', [...headers, ...more]);
    const body = '1e\r\n{"approval_policy":"untrusted"\r\n1\r\n}\r\n0\r\n\r\n';
    // A request behind it is not answered, rather than read from its middle on.
    const next = toHead(app.url, 'GET /livez');
    const answer = await (await RawSocket.open(app.url)).send(`${head}\r\n${body}${next}\r\n`).closed;
    expect(answer).toMatch(/^HTTP\/1\.1 201 [\s\S]*"approval_policy":"untrusted"/);
    expect(answer).toContain('\r\nConnection: close\r\n');
    expect(answer.split('HTTP/1.1 ')).toHaveLength(2);
  });

  it('to a WebSocket is taken where there is one, and read like every request elsewhere', async () => {
    const socket = await ResponseSocketClient.open(app);
    const response: ResponseBody = await socket.create({ input: 'say: by socket' });
    expect(textOf(response)).toBe('by socket');
    await socket.close();
    const upgrade = ['Upgrade: websocket', 'Connection: Upgrade, close', 'Sec-WebSocket-Version: 13'];
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    const ask = async (path: string, ...more: string[]): Promise<string> => {
      const head = toHead(app.url, `GET ${path}`, [...upgrade, key, ...more]);
      return (await RawSocket.open(app.url)).send(`${head}\r\n`).closed;
    };
    expect(await ask('/api/v2/threads')).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ask('/v1/responses/none')).toMatch(/^HTTP\/1\.1 404 /);
    // A body would be taken for frames.
    expect(await ask('/v1/responses', 'Content-Length: 5')).toMatch(/^HTTP\/1\.1 405 /);
  });
});

const curl = findProgram('curl') === undefined ? it.skip : it;
curl('curl --http2 has its bodies heard', async () => {
  for (const [{ method, path, body }, heard] of await requests()) {
    const headers = ['-H', `Authorization: Bearer ${TOKEN}`, '-H', 'Content-Type: application/json'];
    const args = [
      '-sS',
      '--fail',
      '--http2',
      '-X',
      method,
      ...headers,
      '-d',
      JSON.stringify(body),
      `${app.url}${path}`,
    ];
    expect((await run('curl', args)).stdout).toMatch(heard);
  }
});

// A JDK is no package of npm's: without one, Java's client can't be tried here.
const java = findProgram('java') === undefined ? it.skip : it;
java("Java's own client has its bodies heard", async () => {
  const all = await requests();
  const args = all.flatMap(([{ method, path, body }]) => [method, path, JSON.stringify(body)]);
  const { stdout } = await run('java', [JAVA_PROGRAM, app.url, TOKEN, ...args]);
  const answers = stdout.trimEnd().split('\n');
  expect(answers).toHaveLength(all.length);
  for (const [index, [, heard]] of all.entries()) {
    expect(answers[index]).toMatch(/^20/);
    expect(answers[index]).toMatch(heard);
  }
});
