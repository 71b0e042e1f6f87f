import request, { type Response } from 'supertest';
import { isPublicHandler } from '../../../src/http/routing/route-metadata.js';
import { BEARER, startToyApp, TOKEN, type ToyApp } from './toy-app.js';
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

describe('bearer', () => {
  it.each([
    ['nothing', {}, 'Bearer realm="codex-web-server"'],
    ['another scheme', { authorization: 'Basic YTpi' }, 'Bearer realm="codex-web-server"'],
    ['another token', { authorization: 'Bearer other' }, 'Bearer realm="codex-web-server", error="invalid_token"'],
    ['a malformed header', { authorization: 'Bearer a b' }, 'Bearer realm="codex-web-server", error="invalid_request"'],
  ])('refuses %s with a challenge', async (_what, headers, challenge) => {
    const answer = await request(toy.server).get('/api/things').set(headers);
    expect(problemOf(answer)).toEqual({ status: 401, code: 'unauthorized' });
    expect(answer.headers['www-authenticate']).toBe(challenge);
  });

  it('refuses a token in the query or the body', async () => {
    expect(problemOf(await get(`/api/things?access_token=${TOKEN}`))).toEqual({ status: 400, code: 'invalid_request' });
    expect(problemOf(await post('/api/things/free', { access_token: TOKEN }))).toEqual({
      status: 400,
      code: 'invalid_request',
    });
  });

  it('hides which paths there are from strangers, and opens only what says so', async () => {
    const paths = ['/api/things', '/nothing', '/API/THINGS', '/open/other', '/docs-secret'];
    for (const path of paths) {
      expect([path, (await request(toy.server).get(path)).status]).toEqual([path, 401]);
    }
    expect((await request(toy.server).get('/open')).body).toEqual({ caller: null });
  });

  it('walks all routes: each refuses a stranger unless it is declared open', async () => {
    const routes = toy.adapter.routes.list().filter(({ pattern }) => !/^\/(docs|redoc|openapi)/.test(pattern));
    for (const { method, pattern, handler } of routes) {
      const answer = await request(toy.server)[method.toLowerCase() as 'get'](pattern);
      expect([method, pattern, answer.status === 401]).toEqual([method, pattern, !isPublicHandler(handler)]);
    }
    expect(
      routes
        .filter(({ handler }) => isPublicHandler(handler))
        .map(({ method, pattern }) => `${method} ${pattern}`)
        .sort(),
    ).toEqual(['GET /health', 'GET /healthz', 'GET /livez', 'GET /open', 'GET /readyz', 'POST /health']);
  });

  it('names the caller without telling the token', async () => {
    expect((await get('/api/things/x')).body).toEqual({
      id: 'x',
      caller: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      url: '/api/things/x',
    });
    expect(toy.logText()).not.toContain(TOKEN);
  });
});

describe('host and origin', () => {
  it.each([
    ['evil.example', 403],
    ['localhost', 403],
    ['localhost:1', 403],
    ['127.0.0.1.evil.example', 403],
    ['proxy.example', 200],
    ['proxy.example:81', 403],
  ])('answers Host %s with %i', async (host, status) => {
    const answer = await get('/api/things', { host });
    expect(answer.status).toBe(status);
    expect(answer.headers['x-request-id']).toBeDefined();
  });

  it('knows its own names with its port', async () => {
    for (const name of ['LOCALHOST', '127.0.0.1', '[::1]']) {
      expect((await get('/api/things', { host: `${name}:${String(toy.port)}` })).status).toBe(200);
    }
  });

  it('lets listed and own origins in, and no other, before it asks for a token', async () => {
    const foreign = await request(toy.server).get('/api/things').set('origin', 'https://evil.example');
    expect(problemOf(foreign)).toEqual({ status: 403, code: 'forbidden' });
    expect((await get('/api/things', { origin: 'null' })).status).toBe(403);
    expect((await get('/api/things', { origin: `http://127.0.0.1:${String(toy.port)}` })).status).toBe(200);
    const listed = await get('/api/things', { origin: 'https://app.example' });
    expect(listed.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-expose-headers': expect.stringContaining(
        'X-Codex-Thread-Id, X-Codex-Turn-Id, X-Request-Id',
      ) as string,
      vary: 'Origin',
    });
  });

  it('answers the preflight of a listed origin without a token', async () => {
    const preflight = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
    const answer = await request(toy.server).options('/api/things').set(preflight);
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-headers']).toContain('Authorization');
    expect(answer.headers['access-control-allow-headers']).toContain('X-Codex-Events, X-Codex-Mode, X-Codex-Thread');
    expect(
      (
        await request(toy.server)
          .options('/api/things')
          .set({ ...preflight, origin: 'https://evil.example' })
      ).status,
    ).toBe(403);
  });
});

describe('request ids and headers', () => {
  it('keeps a sane id and replaces another', async () => {
    expect((await get('/api/things', { 'x-request-id': 'a.B-1_' })).headers['x-request-id']).toBe('a.B-1_');
    expect((await get('/api/things', { 'x-request-id': 'a b' })).headers['x-request-id']).toMatch(/^[0-9a-f]{12}-/);
  });

  it('sends no ETag and no X-Powered-By, and asks not to be stored or sniffed', async () => {
    const { headers } = await get('/api/things');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(headers).not.toHaveProperty('etag');
    expect(headers).not.toHaveProperty('x-powered-by');
  });
});
