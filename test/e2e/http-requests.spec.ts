import { gzipSync } from 'node:zlib';
import { problemOf, type RawAnswer, send } from '../support/raw-request.js';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const BEARER = { authorization: `Bearer ${TOKEN}` };
const JSON_BODY = { ...BEARER, 'content-type': 'application/json' };
const THREADS = '/api/v2/threads';
const INVALID = { status: 400, code: 'invalid_request' };

let app: App;

const get = (path: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  send(app.url, { path, headers: { ...BEARER, ...headers } });
const post = (body: string | Buffer, headers: Record<string, string> = {}, path = THREADS): Promise<RawAnswer> =>
  send(app.url, { method: 'POST', path, headers: { ...JSON_BODY, ...headers }, body });

beforeAll(async () => {
  app = await App.start({ args: ['--allowed-origin', 'https://app.example', '--allowed-host', 'proxy.example'] });
});

afterAll(async () => {
  await app.stop();
});

describe('Host', () => {
  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', 'localhost', '127.0.0.1.evil.example'])(
    'is refused when it is "%s", also for open paths',
    async (host) => {
      for (const path of [THREADS, '/health', '/docs', '/openapi.json']) {
        expect(problemOf(await get(path, { host }))).toEqual({ status: 403, code: 'forbidden' });
      }
    },
  );

  it('is known as the loopback names with the port, and as what was allowed', async () => {
    const { port } = new URL(app.url);
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `LocalHost:${port}`,
      `[::1]:${port}`,
      'proxy.example',
    ]) {
      expect([host, (await get(THREADS, { host })).status]).toEqual([host, 200]);
    }
  });
});

describe('Origin', () => {
  it.each(['https://evil.example', 'null', 'http://app.example', 'https://app.example.evil.example'])(
    'is refused when it is %s, without a word to that page',
    async (origin) => {
      const answer = await get(THREADS, { origin });
      expect(problemOf(answer)).toEqual({ status: 403, code: 'forbidden' });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  it('is let in when it is listed, or the server itself', async () => {
    for (const origin of ['https://app.example', app.url]) {
      const answer = await get(THREADS, { origin });
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' });
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });

  it('gets its preflight answered without a token, and none for another page', async () => {
    const preflight = (origin: string): Promise<RawAnswer> =>
      send(app.url, {
        method: 'OPTIONS',
        path: `${THREADS}/x`,
        headers: {
          origin,
          'access-control-request-method': 'PATCH',
          'access-control-request-headers': 'authorization',
        },
      });
    const allowed = await preflight('https://app.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers['access-control-allow-methods']).toContain('PATCH');
    expect(allowed.headers['access-control-allow-headers']).toContain('Authorization');
    expect(problemOf(await preflight('https://evil.example'))).toEqual({ status: 403, code: 'forbidden' });
  });
});

describe('X-Request-Id', () => {
  it("is the caller's own when it is sane", async () => {
    for (const path of [THREADS, '/health', '/api/v2/threads/none']) {
      expect((await get(path, { 'x-request-id': 'my-id_1.2' })).headers['x-request-id']).toBe('my-id_1.2');
    }
  });

  it.each(['', 'with space', 'x'.repeat(129), '<script>', 'a/b'])('is made anew when it is "%s"', async (id) => {
    const first = await get(THREADS, { 'x-request-id': id });
    const second = await get(THREADS, { 'x-request-id': id });
    expect(first.headers['x-request-id']).toMatch(/^[\w-]{8,64}$/);
    expect(first.headers['x-request-id']).not.toBe(second.headers['x-request-id']);
  });
});

describe('a body', () => {
  it.each([
    ['{', 'is cut off'],
    ['{"name": }', 'is no JSON'],
    ['[]', 'is a list'],
    ['"text"', 'is a text'],
    ['null', 'is null'],
    ['{"name":"a"} trailing', 'goes on after its end'],
    ['{"__proto__": {"ephemeral": true}}', 'reaches a prototype'],
    ['{"metadata": {"__proto__": {"a": "b"}}}', 'reaches a prototype below'],
    ['{"config": {"constructor": {"prototype": {}}}}', 'reaches it by the constructor'],
    [`{"config": ${'{"a":'.repeat(70)}1${'}'.repeat(70)}}`, 'is too deep'],
    [`{"config": {"a": ${'['.repeat(50_000)}${']'.repeat(50_000)}}}`, 'is far too deep'],
  ])('%.40s is 400, as it %s', async (body) => {
    expect(problemOf(await post(body))).toEqual(INVALID);
  });

  it('that is not UTF-8 is 400', async () => {
    expect(problemOf(await post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])))).toEqual(INVALID);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp', '', 'json'])(
    'of the type "%s" is 415',
    async (type) => {
      expect(problemOf(await post('{}', { 'content-type': type }))).toEqual({
        status: 415,
        code: 'unsupported_media_type',
      });
    },
  );

  it('in another encoding or charset is 415', async () => {
    const wanted = { status: 415, code: 'unsupported_media_type' };
    expect(problemOf(await post(gzipSync('{}'), { 'content-encoding': 'gzip' }))).toEqual(wanted);
    expect(problemOf(await post('{}', { 'content-type': 'application/json; charset=latin1' }))).toEqual(wanted);
  });

  it('is taken with a charset, in chunks, and when there is none', async () => {
    const created = await post('{}', { 'content-type': 'application/json; charset="UTF-8"' });
    expect(created.status).toBe(201);
    const path = `${THREADS}/${String(created.body.thread_id)}`;
    const chunked = { method: 'PATCH', path, headers: { ...JSON_BODY, 'transfer-encoding': 'chunked' } };
    const renamed = await send(app.url, { ...chunked, body: '{"name":"In chunks"}' });
    expect(renamed).toMatchObject({ status: 200, body: { name: 'In chunks' } });
    expect((await send(app.url, { method: 'POST', path: `${path}/resume`, headers: BEARER })).status).toBe(200);
  });

  it('larger than 1 MiB is 413, announced or not', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(1024 * 1024) });
    const wanted = { status: 413, code: 'payload_too_large' };
    expect(problemOf(await post(large))).toEqual(wanted);
    expect(problemOf(await post(large, { 'transfer-encoding': 'chunked' }))).toEqual(wanted);
  });
});

describe('fields', () => {
  it.each([
    [{ nonsense: 1, 'other one': 2 }, ['nonsense', 'other one']],
    [{ model: 5, ephemeral: 'yes', name: '' }, ['ephemeral', 'model', 'name']],
    [{ sandbox: 'all', approval_policy: 'sometimes', metadata: { a: 1 } }, ['approval_policy', 'metadata', 'sandbox']],
    [{ cwd: 'relative/path' }, ['cwd']],
    [{ metadata: [], config: 'text', dynamic_tools: [1] }, ['config', 'dynamic_tools', 'metadata']],
  ])('%j are 400, and the paths say which', async (body, paths) => {
    const answer = await post(JSON.stringify(body));
    expect(problemOf(answer)).toEqual(INVALID);
    const errors = answer.body.errors as { path: string; message: string }[];
    expect([...new Set(errors.map(({ path }) => path))].sort()).toEqual(paths);
    expect(errors.every(({ message }) => message.length > 3)).toBe(true);
  });

  it('that are nested are named with their place', async () => {
    const { body } = await post('{}');
    const input = [
      { type: 'text', text: 'fine' },
      { type: 'text' },
      { type: 'image', url: 'ftp://x' },
      { type: 'song' },
    ];
    const answer = await post(JSON.stringify({ input }), {}, `${THREADS}/${String(body.thread_id)}/turns`);
    expect(problemOf(answer)).toEqual(INVALID);
    const paths = (answer.body.errors as { path: string }[]).map(({ path }) => path);
    expect([...new Set(paths)]).toEqual(['input[1].text', 'input[2].url', 'input[3].type']);
  });

  it.each(['limit=0', 'limit=101', 'limit=ten', 'limit=1&limit=2', 'unknown=1', 'archived=maybe', 'metadata=x'])(
    'of the query ?%s are 400',
    async (query) => {
      const answer = await get(`${THREADS}?${query}`);
      expect(problemOf(answer)).toEqual(INVALID);
      expect((answer.body.errors as { path: string }[])[0]?.path).toBe(query.split('=')[0]);
    },
  );
});

describe('paths', () => {
  it.each(['/api/v2/threads/%', '/api/v2/threads/%zz', '/api/v2/threads/%ff', '/health%2'])(
    'with a malformed percent-encoding are 400: %s',
    async (path) => {
      expect(problemOf(await get(path))).toEqual(INVALID);
    },
  );

  it.each(['..%2f..%2fetc%2fpasswd', '%00', '__proto__', 'constructor', 'x'.repeat(2000), '%E2%9C%93'])(
    'with the id %.30s name no thread',
    async (id) => {
      expect(problemOf(await get(`${THREADS}/${id}`))).toEqual({ status: 404, code: 'thread_not_found' });
    },
  );

  it('may end in a slash, and be encoded where they need not be', async () => {
    expect((await get(`${THREADS}/`)).status).toBe(200);
    const { body } = await post('{}');
    const encoded = String(body.thread_id).replace('-', '%2D');
    expect((await get(`${THREADS}/${encoded}`)).body.thread_id).toBe(body.thread_id);
  });
});

describe('answers', () => {
  it('to HEAD are those to GET without the body', async () => {
    const whole = await get(THREADS);
    const head = await send(app.url, { method: 'HEAD', path: THREADS, headers: BEARER });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(whole.headers['content-length']);
  });

  it('have headers that keep them from being cached and guessed at, and none that tell of the server', async () => {
    for (const path of [THREADS, '/health', '/api/v2/none']) {
      const { headers } = await get(path);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      for (const name of ['x-powered-by', 'etag', 'server']) {
        expect(headers).not.toHaveProperty(name);
      }
    }
  });

  it('to writes say how many more are free, and to reads do not', async () => {
    const write = await post('{}');
    expect(write.headers).toMatchObject({ 'ratelimit-limit': '3000', 'ratelimit-reset': expect.any(String) as string });
    expect(Number(write.headers['ratelimit-remaining'])).toBeLessThan(3000);
    expect((await get(THREADS)).headers).not.toHaveProperty('ratelimit-limit');
  });
});

describe('the limit of writes', () => {
  it('tells a client that writes in a loop to wait', async () => {
    await app.terminate();
    await app.restart(['--rate-limit-writes', '50']);
    const path = '/api/v2/threads/none/archive';
    const answers = await Promise.all(Array.from({ length: 150 }, () => post('{', {}, path)));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused && problemOf(refused)).toEqual({ status: 429, code: 'rate_limited' });
    expect(Number(refused?.headers['retry-after'])).toBeLessThanOrEqual(10);
  });
});
