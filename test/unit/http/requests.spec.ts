import { request as httpRequest } from 'node:http';
import request, { type Response } from 'supertest';
import { BEARER, startToyApp, type ToyApp } from './toy-app.js';
import { OpenController, problemOf, ThingsController } from './things.js';

let toy: ToyApp;

beforeAll(async () => {
  toy = await startToyApp([ThingsController, OpenController], {
    settings: { allowedHosts: ['proxy.example'], allowedOrigins: ['https://app.example'] },
  });
});

afterAll(async () => {
  await toy.close();
});

const get = (path: string, headers: object = {}): Promise<Response> =>
  request(toy.server)
    .get(path)
    .set({ ...BEARER, ...headers })
    .then();
const post = (path: string, body?: object | string, headers: object = {}): Promise<Response> =>
  request(toy.server)
    .post(path)
    .set({ ...BEARER, 'content-type': 'application/json', ...headers })
    .send(body)
    .then();

describe('routing', () => {
  it('finds literal paths before parameters, with a slash at the end too, and decodes', async () => {
    expect((await get('/api/things/fixed/')).body).toEqual({ fixed: true });
    expect((await get('/api/things/a%2Fb%20c')).body).toMatchObject({ id: 'a/b c' });
  });

  it('answers unknown paths, wrong methods, HEAD and OPTIONS', async () => {
    expect(problemOf(await get('/api/nothing?q=secret'))).toEqual({ status: 404, code: 'not_found' });
    const wrong = await post('/api/things/x', {});
    expect(problemOf(wrong)).toEqual({ status: 405, code: 'method_not_allowed' });
    expect(wrong.headers.allow).toBe('DELETE, GET, HEAD, OPTIONS');
    const head = await request(toy.server).head('/api/things').set(BEARER);
    expect([head.status, head.text]).toEqual([200, undefined]);
    const options = await request(toy.server).options('/api/things').set(BEARER);
    expect([options.status, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS, POST']);
    expect(problemOf(await get('/api/things/%ff'))).toEqual({ status: 400, code: 'invalid_request' });
  });
});

describe('problems', () => {
  it.each([
    ['missing', 404, 'not_found', 'gone fishing'],
    ['teapot', 400, 'invalid_request', 'short and stout'],
    ['throws', 500, 'internal', 'Something went wrong on the server. The request id finds it in its log.'],
  ])('answers %s with %i %s', async (path, status, code, detail) => {
    const answer = await get(`/api/things/${path}`);
    expect(problemOf(answer)).toEqual({ status, code });
    expect((answer.body as { detail: string }).detail).toBe(detail);
  });

  it('logs what was unexpected, with its stack', () => {
    expect(toy.logText()).toMatch(/"msg":"unexpected error"/);
    expect(toy.logText()).toContain('secret detail');
  });

  it('says when to try again', async () => {
    expect((await get('/api/things/busy')).headers['retry-after']).toBe('2');
  });

  it('names every fault of a body by its path', async () => {
    const answer = await post('/api/things', { input: [{ text: 1 }, { text: 'ok', extra: true }], other: 1 });
    expect(problemOf(answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect((answer.body as { errors: object[] }).errors).toEqual([
      { path: 'other', message: 'is not known here' },
      { path: 'input[0].text', message: 'must be a string' },
      { path: 'input[1].extra', message: 'is not known here' },
    ]);
  });

  it('checks queries, converts them, and knows an empty one', async () => {
    expect((await get('/api/things')).body).toEqual({ limit: 20, isDto: true });
    expect((await get('/api/things')).body).toEqual({ limit: 20, isDto: true });
    expect((await get('/api/things?limit=5&metadata[a]=b')).body).toEqual({
      limit: 5,
      isDto: true,
      metadata: { a: 'b' },
    });
    expect(problemOf(await get('/api/things?limit=500'))).toEqual({ status: 400, code: 'invalid_request' });
    expect(problemOf(await get('/api/things?nope=1'))).toEqual({ status: 400, code: 'invalid_request' });
  });
});

describe('bodies', () => {
  const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

  it.each<[string, string, object, number]>([
    ['JSON', '{"a":1}', {}, 201],
    ['JSON as deep as allowed', deep(64), {}, 201],
    ['JSON that is deeper', deep(65), {}, 400],
    ['broken JSON', '{"a":', {}, 400],
    ['a list', '[1]', {}, 400],
    ['bytes that are not UTF-8', '', {}, 201],
    ['a prototype key', '{"a":{"__proto__":{}}}', {}, 400],
    ['a constructor prototype key', '{"constructor":{"prototype":{}}}', {}, 400],
    ['a harmless constructor key', '{"constructor":"acme"}', {}, 201],
    ['text', 'a', { 'content-type': 'text/plain' }, 415],
    ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['another charset', '{}', { 'content-type': 'application/json; charset=latin1' }, 415],
    ['a content encoding', '{}', { 'content-encoding': 'gzip' }, 415],
    ['too much', JSON.stringify({ a: 'x'.repeat(65 * 1024) }), {}, 413],
  ])('answers %s', async (_what, body, headers, status) => {
    expect((await post('/api/things/free', body, headers)).status).toBe(status);
  });

  it('takes no body for an empty object', async () => {
    expect((await request(toy.server).post('/api/things/free').set(BEARER)).body).toEqual({ body: {} });
    expect(problemOf(await request(toy.server).post('/api/things').set(BEARER))).toEqual({
      status: 400,
      code: 'invalid_request',
    });
  });

  it('stops a chunked body at the limit', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const req = httpRequest({
        port: toy.port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/api/things/free',
        agent: false,
      });
      req.setHeader('authorization', BEARER.authorization).setHeader('content-type', 'application/json');
      req.once('response', (res) => {
        res.resume();
        resolve(res.statusCode);
      });
      req.once('error', reject);
      req.write('x'.repeat(40 * 1024));
      req.end('x'.repeat(40 * 1024));
    });
    expect(status).toBe(413);
  });

  it('leaves other media types to the routes that take them', async () => {
    const upload = await request(toy.server)
      .post('/api/things/upload')
      .set(BEARER)
      .attach('file', Buffer.alloc(100_000), 'f');
    expect((upload.body as { bytes: number }).bytes).toBeGreaterThan(100_000);
    expect((await post('/api/things/upload', {})).status).toBe(415);
  });
});
