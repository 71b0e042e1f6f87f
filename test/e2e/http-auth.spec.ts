import { problemOf, type RawAnswer, send } from '../support/raw-request.js';
import { type ProgramRoute, readProgramRoutes } from '../support/program-routes.js';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const REALM = 'Bearer realm="codex-web-server"';
const BEARER = { authorization: `Bearer ${TOKEN}` };
const OPEN = ['GET /health', 'GET /healthz', 'GET /livez', 'GET /readyz', 'POST /health'];
/** Others of a token's length, or near to the token, or not in the form of a bearer token at all. */
const WRONG = [
  'Bearer wrong-token-0123456789abcde',
  `Bearer ${TOKEN}x`,
  `Bearer ${TOKEN.slice(0, -1)}`,
  `Bearer ${TOKEN.toUpperCase()}`,
];
const MALFORMED = ['Bearer', 'Bearer ', `Bearer ${TOKEN} more`, `Basic ${TOKEN}`, TOKEN, `Token ${TOKEN}`];

let app: App;
let routes: ProgramRoute[];

const ask = (route: ProgramRoute, query = '', headers: Record<string, string> = {}): Promise<RawAnswer> =>
  send(app.url, { method: route.method, path: route.path.replace(/\{\w+\}/g, 'x') + query, headers });

const nameOf = ({ method, path }: ProgramRoute): string => `${method} ${path}`;

beforeAll(async () => {
  [app, routes] = await Promise.all([App.start(), readProgramRoutes()]);
});

afterAll(async () => {
  await app.stop();
});

const CODES: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'unauthorized',
  405: 'method_not_allowed',
};

/** A problem; of a dialect, an error in its own shape, which has no code of ours. */
function refusalOf({ path }: { path: string }, answer: RawAnswer): { status: number; code: unknown } {
  if (/^\/(api\/v\d|metrics|health|livez|readyz)/.test(path)) {
    expect([path, answer.headers['content-type']]).toEqual([path, 'application/problem+json; charset=utf-8']);
    return problemOf(answer);
  }
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.text).toMatch(/"(message|error|detail)":/);
  return { status: answer.status, code: CODES[answer.status] };
}

describe('the routes of the program', () => {
  it('are all in its OpenAPI document, and nothing else is', async () => {
    const { body } = await send(app.url, { path: '/openapi.json' });
    const listed = Object.entries(body.paths as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    // An address for WebSockets, of which OpenAPI has no word.
    const described = routes.map(nameOf).filter((name) => name !== 'GET /v1/responses');
    expect(listed.sort()).toEqual(described.sort());
    expect(routes.length).toBeGreaterThan(25);
  });

  it('are closed, but for those of health', () => {
    const open = routes.filter(({ isPublic }) => isPublic).map(nameOf);
    expect(open.sort()).toEqual(OPEN);
  });

  it('answer 401 without a token', async () => {
    for (const route of routes.filter(({ isPublic }) => !isPublic)) {
      const answer = await ask(route);
      expect([nameOf(route), refusalOf(route, answer)]).toEqual([nameOf(route), { status: 401, code: 'unauthorized' }]);
      expect(answer.headers['www-authenticate']).toBe(REALM);
    }
  });

  it('answer 401 to a wrong token, and say that it is the token', async () => {
    for (const [index, route] of routes.filter(({ isPublic }) => !isPublic).entries()) {
      const answer = await ask(route, '', { authorization: WRONG[index % WRONG.length]! });
      expect([nameOf(route), refusalOf(route, answer)]).toEqual([nameOf(route), { status: 401, code: 'unauthorized' }]);
      expect(answer.headers['www-authenticate']).toBe(`${REALM}, error="invalid_token"`);
    }
  });

  it('refuse a token in the query, even beside the right header', async () => {
    for (const route of routes) {
      const answer = await ask(route, `?access_token=${TOKEN}`, BEARER);
      expect([nameOf(route), refusalOf(route, answer)]).toEqual([
        nameOf(route),
        { status: 400, code: 'invalid_request' },
      ]);
      expect(answer.text).not.toContain(TOKEN);
    }
  });

  it('are open without a token where they are of health', async () => {
    const statuses = await Promise.all(
      routes.filter(({ isPublic }) => isPublic).map(async (route) => (await ask(route)).status),
    );
    expect(statuses).toEqual(OPEN.map(() => 200));
  });
});

describe('a request for what needs the token', () => {
  it.each(MALFORMED)('is 401 with the header "%s"', async (authorization) => {
    const answer = await send(app.url, { path: '/api/v2/threads', headers: { authorization } });
    expect(problemOf(answer)).toEqual({ status: 401, code: 'unauthorized' });
    expect(answer.headers['www-authenticate']).toContain(REALM);
  });

  it('is let in with the token, however the scheme is written', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const answer = await send(app.url, { path: '/api/v2/threads', headers: { authorization: `${scheme} ${TOKEN}` } });
      expect([scheme, answer.status]).toEqual([scheme, 200]);
    }
  });

  it('is refused with a token in the body', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ access_token: TOKEN });
    const withHeader = { method: 'POST', path: '/api/v2/threads', headers: { ...headers, ...BEARER }, body };
    expect(problemOf(await send(app.url, withHeader))).toEqual({ status: 400, code: 'invalid_request' });
    expect(problemOf(await send(app.url, { ...withHeader, headers }))).toEqual({ status: 401, code: 'unauthorized' });
  });

  it('is refused before its body is read', async () => {
    const path = '/api/v2/threads';
    const headers = { 'content-type': 'application/json' };
    const answer = await send(app.url, { method: 'POST', path, headers, body: 'not json' });
    expect(problemOf(answer)).toEqual({ status: 401, code: 'unauthorized' });
  });
});

describe('paths and methods', () => {
  const UNKNOWN = [
    '/',
    '/api',
    '/api/v2',
    '/api/v2/nothing',
    '/api/v2/threads/x/nothing',
    '/metrics/x',
    '/docsx',
    '//docs',
  ];

  it.each(UNKNOWN)('do not tell a stranger that %s is nothing', async (path) => {
    expect(problemOf(await send(app.url, { path }))).toEqual({ status: 401, code: 'unauthorized' });
    const known = await send(app.url, { path, headers: BEARER });
    expect(problemOf(known)).toEqual({ status: 404, code: 'not_found' });
  });

  it('answer 405 with the methods that are possible', async () => {
    const paths = new Set(routes.map(({ path }) => path.replace(/\{\w+\}/g, '~')));
    for (const path of paths) {
      const possible = methodsOf(path);
      const refused = await send(app.url, { method: 'PROPFIND', path, headers: BEARER });
      expect([path, refusalOf({ path }, refused)]).toEqual([path, { status: 405, code: 'method_not_allowed' }]);
      expect([path, refused.headers.allow]).toEqual([path, possible]);
      const options = await send(app.url, { method: 'OPTIONS', path, headers: BEARER });
      expect([path, options.status, options.headers.allow]).toEqual([path, 204, possible]);
    }
  });

  /** Of every pattern that fits, since a parameter may be any word. */
  function methodsOf(path: string): string {
    const fitting = routes.filter((route) => new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path));
    const methods = fitting.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    return [...new Set([...methods, 'OPTIONS'])].sort().join(', ');
  }
});

describe('the limit of refused requests', () => {
  it('makes strangers wait who try too many tokens, and nobody who has the right one', async () => {
    let answer = await send(app.url, { path: '/api/v2/threads' });
    for (let count = 0; count < 600 && answer.status === 401; count += 1) {
      answer = await send(app.url, { path: '/api/v2/threads', headers: { authorization: WRONG[0]! } });
    }
    expect(problemOf(answer)).toEqual({ status: 429, code: 'rate_limited' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.headers['ratelimit-remaining']).toBe('0');
    expect((await send(app.url, { path: '/api/v2/threads', headers: BEARER })).status).toBe(200);
  });
});
