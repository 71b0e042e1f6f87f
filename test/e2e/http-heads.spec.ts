import { RawSocket } from '../support/raw-socket.js';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const LARGE = 64 * 1024 * 1024;

let app: App;
let host: string;

beforeAll(async () => {
  app = await App.start({ args: ['--allowed-host', 'proxy.example', '--rate-limit-strangers', '10000'] });
  host = new URL(app.url).host;
});

afterAll(async () => {
  await app.stop();
});

/** All that is answered to these lines of a head; `Connection: close` is added, so that the answer has an end. */
async function ask(request: string, headers: readonly string[], body = ''): Promise<string> {
  const lines = [request, ...headers, 'Connection: close', '', body];
  return (await RawSocket.open(app.url)).send(lines.join('\r\n')).closed;
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? '0');
const auth = `Authorization: Bearer ${TOKEN}`;
const threads = 'GET /api/v2/threads HTTP/1.1';
const post = 'POST /api/v2/threads HTTP/1.1';
const json = 'Content-Type: application/json';

describe('a head that two servers could read in two ways', () => {
  it.each<[string, (own: string) => [string, string[], string?]]>([
    ['a second Host', (own) => [threads, [`Host: ${own}`, 'Host: evil.example', auth]]],
    ['a second Host before', (own) => [threads, ['Host: evil.example', `hOST: ${own}`, auth]]],
    ['the same Host twice', (own) => [threads, [`Host: ${own}`, `Host: ${own}`, auth]]],
    ['a second Authorization', (own) => [threads, [`Host: ${own}`, auth, 'Authorization: Bearer another-token-of-16']]],
    ['a second Authorization before', (own) => [threads, [`Host: ${own}`, 'Authorization: Basic eDp5', auth]]],
    ['two types', (own) => [post, [`Host: ${own}`, auth, json, 'Content-Type: text/plain', 'Content-Length: 2'], '{}']],
    [
      'two encodings',
      (own) => [
        post,
        [`Host: ${own}`, auth, json, 'Content-Encoding: identity', 'Content-Encoding: gzip', 'Content-Length: 2'],
        '{}',
      ],
    ],
    ['two lengths', (own) => [post, [`Host: ${own}`, auth, json, 'Content-Length: 2', 'Content-Length: 3'], '{}']],
    [
      'the same length twice',
      (own) => [post, [`Host: ${own}`, auth, json, 'Content-Length: 2', 'Content-Length: 2'], '{}'],
    ],
    ['a list of lengths', (own) => [post, [`Host: ${own}`, auth, json, 'Content-Length: 2, 2'], '{}']],
    [
      'a length beside chunks',
      (own) => [
        post,
        [`Host: ${own}`, auth, json, 'Content-Length: 2', 'Transfer-Encoding: chunked'],
        '2\r\n{}\r\n0\r\n\r\n',
      ],
    ],
    [
      'chunks twice',
      (own) => [
        post,
        [`Host: ${own}`, auth, json, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
        '2\r\n{}\r\n0\r\n\r\n',
      ],
    ],
    [
      'another coding',
      (own) => [post, [`Host: ${own}`, auth, json, 'Transfer-Encoding: gzip, chunked'], '2\r\n{}\r\n0\r\n\r\n'],
    ],
    ['no coding', (own) => [post, [`Host: ${own}`, auth, json, 'Transfer-Encoding: identity'], '{}']],
    [
      'chunks of an older version',
      (own) => [
        'POST /api/v2/threads HTTP/1.0',
        [`Host: ${own}`, auth, json, 'Transfer-Encoding: chunked'],
        '2\r\n{}\r\n0\r\n\r\n',
      ],
    ],
    ['a folded line', (own) => [threads, [`Host: ${own}`, ' evil.example', auth]]],
    ['a space before the colon', (own) => [threads, [`Host : ${own}`, auth]]],
    ['no Host', () => [threads, [auth]]],
    [
      'the target of another host',
      (own) => ['GET http://evil.example/api/v2/threads HTTP/1.1', [`Host: ${own}`, auth]],
    ],
    [
      'the target of another allowed host',
      (own) => ['GET http://proxy.example/api/v2/threads HTTP/1.1', [`Host: ${own}`, auth]],
    ],
    ['the target of another user', (own) => [`GET http://user@${own}/api/v2/threads HTTP/1.1`, [`Host: ${own}`, auth]]],
    ['a target of another scheme', (own) => [`GET ftp://${own}/api/v2/threads HTTP/1.1`, [`Host: ${own}`, auth]]],
    ['a target without a path', (own) => [`GET ${own} HTTP/1.1`, [`Host: ${own}`, auth]]],
  ])('is refused with 400 and the end of the connection: %s', async (_name, toParts) => {
    const [request, headers, body = ''] = toParts(host);
    const before = await threadCount();
    const answer = await ask(request, headers, body);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('\r\nConnection: close\r\n');
    expect(answer.split('HTTP/1.1 ')).toHaveLength(2);
    expect(await threadCount()).toBe(before);
  });

  it('says what is wrong with it', async () => {
    const answer = await ask(threads, [`Host: ${host}`, 'Host: evil.example', auth]);
    expect(answer).toContain('"detail":"The header host must be sent once only."');
  });

  it('ends the connection also for a client that would keep it', async () => {
    const lines = [threads, `Host: ${host}`, 'Host: evil.example', auth, '', ''];
    const answer = await (await RawSocket.open(app.url)).send(lines.join('\r\n')).closed;
    expect(statusOf(answer)).toBe(400);
  });

  it('is none when it is sent by a proxy that names the same host', async () => {
    const absolute = await ask(`GET http://${host}/api/v2/threads?limit=1 HTTP/1.1`, [`Host: ${host}`, auth]);
    expect(statusOf(absolute)).toBe(200);
    const upper = await ask(`GET HTTP://PROXY.example/api/v2/threads HTTP/1.1`, ['Host: proxy.example', auth]);
    expect(statusOf(upper)).toBe(200);
    const stranger = await ask(`GET http://${host}/api/v2/threads HTTP/1.1`, [`Host: ${host}`]);
    expect(statusOf(stranger)).toBe(401);
    const invalid = await ask(`GET http://${host}/api/v2/threads?limit=0 HTTP/1.1`, [`Host: ${host}`, auth]);
    expect(invalid).toContain('"instance":"/api/v2/threads"');
    expect(statusOf(await ask('OPTIONS * HTTP/1.1', [`Host: ${host}`, auth]))).toBe(404);
  });
});

async function threadCount(): Promise<number> {
  const answer = await app.get('/api/v2/threads?limit=100').expect(200);
  return (answer.body as { data: unknown[] }).data.length;
}

describe('Expect: 100-continue', () => {
  const expecting = (bytes: number): string[] => [json, `Content-Length: ${String(bytes)}`, 'Expect: 100-continue'];
  /** The whole answer to a client that waits, and sends no body. */
  const waitFor = async (request: string, headers: readonly string[]): Promise<string> =>
    (await RawSocket.open(app.url)).send([request, `Host: ${host}`, ...headers, '', ''].join('\r\n')).closed;

  it.each<[string, number, string, string[]]>([
    ['no token', 401, post, expecting(10)],
    ['a wrong token', 401, post, ['Authorization: Bearer a-wrong-token-of-some-length', ...expecting(10)]],
    ['no token, for a large body', 401, 'POST /v1/responses HTTP/1.1', expecting(LARGE)],
    ['a body that is too large', 413, post, [auth, ...expecting(LARGE)]],
    [
      'a type that is not taken',
      415,
      post,
      [auth, 'Content-Type: text/plain', 'Content-Length: 2', 'Expect: 100-continue'],
    ],
    ['a path that is not there', 404, 'POST /api/v2/nothing HTTP/1.1', [auth, ...expecting(10)]],
    ['a method that is not there', 405, 'PUT /api/v2/threads HTTP/1.1', [auth, ...expecting(10)]],
    ['a file without a type', 415, 'POST /api/v2/attachments HTTP/1.1', [auth, ...expecting(10)]],
    ['a Host that is not known', 400, post, ['Host: evil.example', auth, ...expecting(10)]],
  ])(
    'is not answered with 100 but with the refusal, and the connection ends: %s',
    async (_name, status, request, headers) => {
      const answer = await waitFor(request, headers);
      expect(statusOf(answer)).toBe(status);
      expect(answer).not.toContain('100 Continue');
      expect(answer).toContain('\r\nConnection: close\r\n');
    },
  );

  it.each<[string, { request: string; type: string; body: string; heard: RegExp }]>([
    ['JSON', { request: post, type: json, body: '{"name":"Continued"}', heard: /"name":"Continued"/ }],
    [
      'a file',
      {
        request: 'POST /api/v2/attachments HTTP/1.1',
        type: 'Content-Type: multipart/form-data; boundary=b',
        body: '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nheard\r\n--b--\r\n',
        heard: /"size_bytes":5/,
      },
    ],
  ])('is answered with 100 when the body is wanted, and the connection goes on: %s', async (_name, sent) => {
    const { request, type, body, heard } = sent;
    const length = `Content-Length: ${String(Buffer.byteLength(body))}`;
    const socket = await RawSocket.open(app.url);
    socket.send([request, `Host: ${host}`, auth, type, length, 'Expect: 100-continue', '', ''].join('\r\n'));
    await socket.until('HTTP/1.1 100 Continue\r\n\r\n');
    const next = ['GET /livez HTTP/1.1', `Host: ${host}`, 'Connection: close', '', ''].join('\r\n');
    const answer = await socket.send(`${body}${next}`).closed;
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 [\s\S]*HTTP\/1\.1 200 /);
    expect(answer).toMatch(heard);
  });
});
