import { request as httpRequest } from 'node:http';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpException,
  NotFoundException,
  Param,
  Post,
  Query,
  Req,
} from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsObject, IsOptional, IsString, Max, ValidateNested } from 'class-validator';
import { type Request } from 'express';
import request, { type Response } from 'supertest';
import { ServiceError } from '../../../src/core/errors.js';
import { AcceptsBody, Public } from '../../../src/http/routing/route-metadata.js';
import { BEARER, startToyApp, TOKEN, type ToyApp } from './toy-app.js';

class PartDto {
  @IsString()
  text!: string;
}

class CreateThingDto {
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PartDto)
  input!: PartDto[];

  @IsOptional()
  @IsObject()
  metadata?: object;
}

class ListDto {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Max(100)
  limit = 20;

  @IsOptional()
  @IsObject()
  metadata?: object;
}

@Controller('api/things')
class ThingsController {
  @Get()
  list(@Query() query: ListDto): object {
    return { limit: query.limit, isDto: query instanceof ListDto, metadata: query.metadata };
  }

  @Get('fixed')
  fixed(): object {
    return { fixed: true };
  }

  @Get(':id')
  one(@Param('id') id: string, @Req() req: Request): object {
    if (id === 'throws') {
      throw new Error('secret detail at /home/ann');
    }
    if (id === 'missing') {
      throw new NotFoundException('gone fishing');
    }
    if (id === 'teapot') {
      throw new HttpException('short and stout', 418);
    }
    if (id === 'busy') {
      throw new ServiceError('conflict', 'Try later.', { retryAfterSeconds: 1.2 });
    }
    return { id, caller: req.caller?.id, url: req.url };
  }

  @Post()
  create(@Body() body: CreateThingDto): object {
    return body;
  }

  @Post('free')
  free(@Body() body: object): object {
    return { body };
  }

  @Delete(':id')
  remove(): void {
    // Nothing to remove.
  }

  @AcceptsBody('multipart/form-data')
  @Post('upload')
  async upload(@Req() req: Request): Promise<object> {
    let bytes = 0;
    for await (const chunk of req as AsyncIterable<Buffer>) {
      bytes += chunk.length;
    }
    return { bytes };
  }
}

@Public()
@Controller('open')
class OpenController {
  @Get()
  open(@Req() req: Request): object {
    return { caller: req.caller };
  }
}

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

function problemOf({ status, body, type, headers }: Response): object {
  const { code, title, detail, errors } = body as Record<string, unknown>;
  expect(type).toBe('application/problem+json');
  expect(body).toEqual({
    type: `urn:codex-web:problem:${String(code)}`,
    title,
    status,
    detail,
    instance: expect.stringMatching(/^\/[^?]*$/) as string,
    code,
    request_id: headers['x-request-id'],
    error: { code, message: detail },
    ...(errors !== undefined && { errors }),
  });
  return { status, code };
}

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
    for (const { method, pattern, isPublic } of routes) {
      const answer = await request(toy.server)[method.toLowerCase() as 'get'](pattern);
      expect([method, pattern, answer.status === 401]).toEqual([method, pattern, !isPublic]);
    }
    expect(
      routes
        .filter(({ isPublic }) => isPublic)
        .map(({ method, pattern }) => `${method} ${pattern}`)
        .sort(),
    ).toEqual(['GET /health', 'GET /healthz', 'GET /livez', 'GET /open', 'GET /readyz', 'POST /health']);
  });

  it('names the caller without telling the token', async () => {
    const { body } = await get('/api/things/x');
    expect(body).toEqual({ id: 'x', caller: expect.stringMatching(/^[0-9a-f]{16}$/) as string, url: '/api/things/x' });
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
      'access-control-expose-headers': expect.stringContaining('X-Request-Id') as string,
      vary: 'Origin',
    });
  });

  it('answers the preflight of a listed origin without a token', async () => {
    const preflight = { origin: 'https://app.example', 'access-control-request-method': 'POST' };
    const answer = await request(toy.server).options('/api/things').set(preflight);
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-headers']).toContain('Authorization');
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

describe('documentation', () => {
  it('is open, and comes from this machine alone', async () => {
    for (const path of [
      '/docs',
      '/docs/swagger-ui.css',
      '/docs/swagger-ui-init.js',
      '/redoc',
      '/redoc/redoc.standalone.js',
    ]) {
      const answer = await request(toy.server).get(path);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    }
    expect((await request(toy.server).get('/docs/')).text).toContain('swagger-ui-init.js');
    expect((await request(toy.server).get('/redoc')).text).not.toMatch(/https?:\/\//);
  });

  it('describes routes, their ids, their problems and who may call them', async () => {
    const { body } = await request(toy.server).get('/openapi.json');
    const document = body as Record<string, Record<string, Record<string, Record<string, unknown>>>>;
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths?.['/api/things/{id}']?.get).toMatchObject({
      operationId: 'one',
      responses: {
        401: { $ref: '#/components/responses/Problem401' },
        404: { $ref: '#/components/responses/Problem404' },
      },
    });
    expect(document.paths?.['/open']?.get).toMatchObject({ security: [] });
    expect(document.paths?.['/api/v2/stream-tickets']?.post).toMatchObject({ operationId: 'createStreamTicket' });
    expect(document.components?.schemas).toHaveProperty('ProblemDto');
  });
});

describe('with other settings', () => {
  it('has no documentation when it is off, and limits strangers and writers', async () => {
    const other = await startToyApp([ThingsController], {
      settings: { hasDocs: false },
      rateLimits: { strangerPerMinute: 2, writesPerTenSeconds: 1 },
    });
    try {
      for (const path of ['/docs', '/redoc', '/openapi.json']) {
        expect((await request(other.server).get(path)).status).toBe(404);
      }
      const statuses: number[] = [];
      for (let count = 0; count < 3; count += 1) {
        statuses.push((await request(other.server).get('/api/things')).status);
      }
      expect(statuses).toEqual([401, 401, 429]);
      expect((await request(other.server).get('/api/things').set(BEARER)).status).toBe(200);
      const first = await request(other.server).post('/api/things/free').set(BEARER).send({});
      expect(first.headers).toMatchObject({
        'ratelimit-limit': '1',
        'ratelimit-remaining': '0',
        'ratelimit-reset': '10',
      });
      const second = await request(other.server).post('/api/things/free').set(BEARER).send({});
      expect(problemOf(second)).toEqual({ status: 429, code: 'rate_limited' });
      expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
    } finally {
      await other.close();
    }
  });
});
