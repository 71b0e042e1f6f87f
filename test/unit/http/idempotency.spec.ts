import { once } from 'node:events';
import { request } from 'node:http';
import { finished } from 'node:stream/promises';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { type Request, type Response } from 'express';
import supertest, { type Test } from 'supertest';
import { ServiceError } from '../../../src/core/errors.js';
import { findOperationId, identifyContent } from '../../../src/http/idempotency/keyed-answers.js';
import { Idempotent } from '../../../src/http/idempotency/idempotent.js';
import { AcceptsBody } from '../../../src/http/routing/route-metadata.js';
import { problemOf } from './things.js';
import { BEARER, startToyApp, type ToyApp } from './toy-app.js';

let runs = 0;
let gate: PromiseWithResolvers<void>;
let started: PromiseWithResolvers<void>;
let failure: Error | undefined;

@Controller('api/jobs')
class JobsController {
  readonly #received = new WeakMap<Request, Buffer[]>();

  @Post()
  @Idempotent()
  @HttpCode(202)
  start(@Body() body: object, @Req() req: Request, @Res({ passthrough: true }) res: Response): object {
    runs += 1;
    if (failure) {
      throw failure;
    }
    res.location(`/api/jobs/${String(runs)}`).setHeader('X-Other', 'of this request alone');
    return { run: runs, body, hasOperation: findOperationId(req) !== undefined };
  }

  @Post('slow')
  @Idempotent()
  async slow(): Promise<object> {
    runs += 1;
    started.resolve();
    await gate.promise;
    return { run: runs };
  }

  @Post('empty')
  @Idempotent()
  @HttpCode(204)
  empty(): void {
    runs += 1;
  }

  @Post('upload')
  @Idempotent()
  @AcceptsBody('multipart/form-data')
  async upload(@Req() req: Request): Promise<object> {
    runs += 1;
    try {
      const chunks: Buffer[] = [];
      this.#received.set(req, chunks);
      req.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        started.resolve();
      });
      await finished(req);
    } catch (cause) {
      gate.resolve();
      throw new ServiceError('invalid_request', 'The upload broke off.', { cause });
    }
    const chunks = this.#received.get(req) ?? [];
    await identifyContent(req, Buffer.concat(chunks).toString());
    return { run: runs };
  }

  @Post('once')
  @Idempotent('refuse')
  once(): object {
    runs += 1;
    if (failure) {
      throw failure;
    }
    return { run: runs };
  }

  @Post('plain')
  plain(): object {
    runs += 1;
    return { run: runs };
  }
}

describe('Idempotency-Key', () => {
  let toy: ToyApp;

  beforeAll(async () => {
    toy = await startToyApp([JobsController]);
  });

  beforeEach(() => {
    runs = 0;
    failure = undefined;
    gate = Promise.withResolvers();
    started = Promise.withResolvers();
  });

  afterAll(async () => {
    await toy.close();
  });

  const post = (path: string, key?: string, body: object = {}): Test => {
    const test = supertest(toy.server).post(`/api/jobs${path}`).set(BEARER);
    return (key === undefined ? test : test.set('Idempotency-Key', key)).send(body);
  };

  it('gives the same answer again: status, location and body', async () => {
    const first = await post('', 'same', { a: 1, b: { c: [1, 2] } }).expect(202);
    const again = await post('', 'same', { b: { c: [1, 2] }, a: 1 }).expect(202);
    expect(first.body).toEqual({ run: 1, body: { a: 1, b: { c: [1, 2] } }, hasOperation: true });
    expect(again.text).toBe(first.text);
    expect(again.headers.location).toBe('/api/jobs/1');
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect([first, again].map(({ headers }) => headers['idempotent-replayed'] as unknown)).toEqual([undefined, 'true']);
    expect(again.headers['x-other']).toBeUndefined();
    expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    expect(runs).toBe(1);
  });

  it('does a request without a key each time', async () => {
    await post('').expect(202);
    const second = await post('').expect(202);
    expect(second.body).toEqual({ run: 2, body: {}, hasOperation: false });
  });

  it.each([
    ['another body', '', { list: [2, 1] }],
    ['another path', '/empty', { list: [1, 2] }],
    ['another query', '?x=1', { list: [1, 2] }],
  ])('refuses a key for %s', async (name, path, body) => {
    await post('', name.replaceAll(' ', '-'), { list: [1, 2] }).expect(202);
    const other = await post(path, name.replaceAll(' ', '-'), body);
    expect(problemOf(other)).toEqual({ status: 409, code: 'idempotency_conflict' });
    expect(runs).toBe(1);
  });

  it.each([
    ['with a space', 'a b'],
    ['with a letter that is not ASCII', 'schl\u00fcssel'],
    ['that is too long', 'x'.repeat(256)],
    ['that is empty', ''],
  ])('refuses a key %s', async (_name, key) => {
    expect(problemOf(await post('', key))).toEqual({ status: 400, code: 'invalid_request' });
    expect(runs).toBe(0);
  });

  it('takes a key of 255 characters', async () => {
    await post('', '~'.repeat(255)).expect(202);
  });

  it('tells a second request to wait while the first one is being worked on', async () => {
    const first = post('/slow', 'busy').then((answer) => answer);
    await started.promise;
    const second = await post('/slow', 'busy');
    expect(problemOf(second)).toEqual({ status: 409, code: 'conflict' });
    expect(second.headers['retry-after']).toBe('1');
    expect(problemOf(await post('/slow', 'busy', { other: true }))).toMatchObject({ code: 'idempotency_conflict' });
    gate.resolve();
    expect((await first).body).toEqual({ run: 1 });
    expect((await post('/slow', 'busy').expect(201)).body).toEqual({ run: 1 });
  });

  it('keeps the answer for a caller who went away before it', async () => {
    const headers = { ...BEARER, 'Idempotency-Key': 'gone', 'Content-Type': 'application/json' };
    const req = request({ port: toy.port, method: 'POST', path: '/api/jobs/slow', headers, agent: false });
    req.on('error', () => undefined);
    req.end('{}');
    await started.promise;
    const closed = new Promise((resolve) => req.once('close', resolve));
    req.destroy();
    await closed;
    gate.resolve();
    let answer = await post('/slow', 'gone');
    while (answer.status === 409) {
      answer = await post('/slow', 'gone');
    }
    expect(answer.body).toEqual({ run: 1 });
    expect(answer.headers['idempotent-replayed']).toBe('true');
  });

  it('keeps an answer without a body', async () => {
    await post('/empty', 'empty').expect(204);
    const again = await post('/empty', 'empty').expect(204);
    expect([again.text, again.headers['idempotent-replayed'], runs]).toEqual(['', 'true', 1]);
  });

  it.each(['invalid_request', 'thread_not_found', 'gone', 'unprocessable'] as const)(
    'keeps the refusal %s, which the same request would get again',
    async (code) => {
      failure = new ServiceError(code, 'No.');
      const first = await post('', `refused-${code}`);
      failure = undefined;
      const again = await post('', `refused-${code}`);
      expect(again.body).toEqual(first.body);
      expect(again.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(runs).toBe(1);
    },
  );

  it.each(['turn_in_progress', 'rate_limited', 'engine_error', 'engine_unavailable', 'storage_unavailable'] as const)(
    'does not keep %s, so that a retry can work',
    async (code) => {
      failure = new ServiceError(code, 'Not now.');
      expect(problemOf(await post('', `failed-${code}`))).toMatchObject({ code });
      failure = undefined;
      const again = await post('', `failed-${code}`).expect(202);
      expect(again.headers['idempotent-replayed']).toBeUndefined();
    },
  );

  it('does not keep what an unexpected error was answered with', async () => {
    failure = new Error('a mistake');
    await post('', 'mistake').expect(500);
    failure = undefined;
    await post('', 'mistake').expect(202);
  });

  it('does not keep the refusal of an upload that broke off', async () => {
    const headers = {
      ...BEARER,
      'Idempotency-Key': 'broken',
      'Content-Type': 'multipart/form-data; boundary=x',
      'Content-Length': 4,
    };
    const send = () => request({ port: toy.port, method: 'POST', path: '/api/jobs/upload', headers, agent: false });
    const broken = send();
    broken.on('error', () => undefined);
    broken.write('ab');
    await started.promise;
    broken.destroy();
    await gate.promise;
    const whole = send();
    whole.end('abcd');
    const [answer] = (await once(whole, 'response')) as [{ statusCode: number }];
    expect([answer.statusCode, runs]).toEqual([201, 2]);
  });

  describe('of an upload', () => {
    const upload = (key: string, content: string): Test =>
      supertest(toy.server)
        .post('/api/jobs/upload')
        .set({ ...BEARER, 'Idempotency-Key': key, 'Content-Type': 'multipart/form-data; boundary=x' })
        .send(content);

    it('gives the answer again when the content is the same', async () => {
      const first = await upload('same-content', 'abcd').expect(201);
      const again = await upload('same-content', 'abcd').expect(201);
      expect([again.text, again.headers['idempotent-replayed']]).toEqual([first.text, 'true']);
    });

    it('refuses another content of the same length, and goes on giving the answer for the first one', async () => {
      const first = await upload('other-content', 'abcd').expect(201);
      expect(problemOf(await upload('other-content', 'abce'))).toEqual({ status: 409, code: 'idempotency_conflict' });
      expect((await upload('other-content', 'abcd').expect(201)).text).toBe(first.text);
    });
  });

  it.each(['engine_error', 'timeout', 'internal'] as const)(
    'keeps %s of what must not be done twice, since it may have been done',
    async (code) => {
      failure = new ServiceError(code, 'Who knows.');
      const first = await post('/once', `once-${code}`);
      failure = undefined;
      const again = await post('/once', `once-${code}`);
      expect([again.text, again.headers['idempotent-replayed'], runs]).toEqual([first.text, 'true', 1]);
    },
  );

  it.each(['engine_unavailable', 'storage_unavailable', 'rate_limited'] as const)(
    'does it after %s, which says that it was not begun',
    async (code) => {
      failure = new ServiceError(code, 'Not now.');
      expect(problemOf(await post('/once', `begun-${code}`))).toMatchObject({ code });
      failure = undefined;
      await post('/once', `begun-${code}`).expect(201);
    },
  );

  it('ignores the header where the route does not know it', async () => {
    await post('/plain', 'any').expect(201);
    expect((await post('/plain', 'any').expect(201)).body).toEqual({ run: 2 });
  });

  it('asks for the token first', async () => {
    const answer = await supertest(toy.server).post('/api/jobs').set('Idempotency-Key', 'a b').send({});
    expect(problemOf(answer)).toEqual({ status: 401, code: 'unauthorized' });
  });

  it('is documented on the routes that know it', async () => {
    const document = await supertest(toy.server).get('/openapi.json').expect(200);
    const { paths } = document.body as {
      paths: Record<string, { post?: { parameters: { name: string; in: string }[] } }>;
    };
    const withHeader = Object.keys(paths).filter((path) =>
      paths[path]?.post?.parameters.some(({ name, in: place }) => name === 'Idempotency-Key' && place === 'header'),
    );
    expect(withHeader).toEqual(['', '/slow', '/empty', '/upload', '/once'].map((path) => `/api/jobs${path}`));
  });
});
