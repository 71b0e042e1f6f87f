import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { concat, Observable, of, Subject, throwError } from 'rxjs';
import request, { type Response } from 'supertest';
import { z } from 'zod';
import { openAiShape, toOpenAiError } from '../../../src/compat/openai/errors.js';
import { ServiceError } from '../../../src/core/errors.js';
import { ErrorShapes } from '../../../src/http/dialects/error-shapes.js';
import { MayStream } from '../../../src/http/sse/sse.js';
import { type EventStream } from '../../../src/http/sse/event-stream.js';
import { type EventFrame, toFrameStream } from '../../../src/http/sse/event-frames.js';
import { SseStreams } from '../../../src/http/sse/sse-streams.js';
import { toGivenToken } from '../../../src/settings/auth-token.js';
import { BEARER, startToyApp, TOKEN, type ToyApp } from './toy-app.js';

const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('image'), url: z.url() }),
]);
const words = z
  .strictObject({ input: z.union([z.string(), z.array(part)]), stream: z.boolean().default(false) })
  .meta({ id: 'Words', description: 'What is said.' });

let live = new Subject<EventFrame>();
let isFollowed = false;

const toLastFrames = (error: ServiceError): EventFrame[] => [{ event: 'error', data: toOpenAiError(error) }];
const sources: Record<string, Observable<EventFrame>> = {
  '"two"': of<EventFrame[]>({ event: 'one', data: { n: 1 } }, { data: 'a\nb' }),
  '"refused"': throwError(() => new ServiceError('thread_not_found', 'There is no such thread.')),
  '"broken"': concat(
    of<EventFrame>({ data: {} }),
    throwError(() => new ServiceError('engine_error', 'It broke.')),
  ),
  '"live"': new Observable((subscriber) => {
    isFollowed = true;
    const inner = live.subscribe(subscriber);
    return () => {
      isFollowed = false;
      inner.unsubscribe();
      live.complete();
    };
  }),
};

@Controller('v1/words')
class WordsController {
  @Post()
  @HttpCode(200)
  @MayStream()
  say(@Body({ schema: words }) { input, stream }: z.infer<typeof words>): EventStream | object {
    return stream ? toFrameStream(sources[JSON.stringify(input)] ?? of(), toLastFrames) : { input };
  }
}

let toy: ToyApp;

beforeAll(async () => {
  toy = await startToyApp([WordsController], { sse: { keepaliveMs: 60, drainMs: 60 } });
  toy.app.get(ErrorShapes).register(openAiShape(['/v1']));
});

afterAll(async () => {
  await toy.close();
});

const say = (body: object): request.Test => request(toy.server).post('/v1/words').set(BEARER).send(body);
const faultOf = ({ status, type, body }: Response): object => ({ status, type, ...(body as { error: object }).error });

async function open(input: string, port = toy.port): Promise<IncomingMessage> {
  const headers = { ...BEARER, 'content-type': 'application/json' };
  const req = httpRequest({ host: '127.0.0.1', port, path: '/v1/words', method: 'POST', headers });
  req.end(JSON.stringify({ input, stream: true }));
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  return res.setEncoding('utf8').on('error', () => undefined);
}

describe('an event stream under POST', () => {
  it('has its frames and nothing else, in chunked framing', async () => {
    const answer = await say({ input: 'two', stream: true }).expect(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'transfer-encoding': 'chunked',
      'x-accel-buffering': 'no',
    });
    expect(answer.text).toBe('event: one\ndata: {"n":1}\n\ndata: a\ndata: b\n\n');
  });

  it('is none where the same method answers with a body', async () => {
    const answer = await say({ input: 'plain' }).expect(200);
    expect([answer.type, answer.body]).toEqual(['application/json', { input: 'plain' }]);
  });

  it('is a status when it fails before its first frame', async () => {
    expect(faultOf(await say({ input: 'refused', stream: true }))).toEqual({
      status: 404,
      type: 'invalid_request_error',
      message: 'There is no such thread.',
      param: null,
      code: 'thread_not_found',
    });
  });

  it('ends with an error in the words of its dialect when it fails later', async () => {
    const answer = await say({ input: 'broken', stream: true }).expect(200);
    const error = { message: 'It broke.', type: 'server_error', param: null, code: 'engine_error' };
    expect(answer.text).toBe(`data: {}\n\nevent: error\ndata: ${JSON.stringify({ error })}\n\n`);
  });

  it('sends no headers before its first frame, and lets go of its source when the client leaves', async () => {
    live = new Subject();
    const opening = open('live');
    while (!isFollowed) {
      await new Promise(setImmediate);
    }
    live.next({ data: 'first' });
    const res = await opening;
    expect(await once(res, 'data')).toEqual(['data: first\n\n']);
    expect(await once(res, 'data')).toEqual([': keepalive\n\n']);
    const left = new Promise<void>((resolve) => live.subscribe({ complete: resolve }));
    res.destroy();
    await left;
    expect([isFollowed, toy.app.get(SseStreams).openCount]).toEqual([false, 0]);
  });
});

describe('an event stream that ends before its source says why', () => {
  let own: ToyApp;

  beforeEach(async () => {
    own = await startToyApp([WordsController], { sse: { keepaliveMs: 10_000, drainMs: 10_000 } });
  });

  afterEach(async () => {
    await own.close();
  });

  /** All that the client gets, which reads nothing until `end` has run. */
  const textWhen = async (end: (streams: SseStreams) => unknown): Promise<string> => {
    live = new Subject();
    const opening = open('live', own.port);
    while (!isFollowed) {
      await new Promise(setImmediate);
    }
    live.next({ data: 'first' });
    const res = await opening;
    const ended = end(own.app.get(SseStreams));
    let text = '';
    for await (const part of res as AsyncIterable<string>) {
      text += part;
    }
    await ended;
    expect([isFollowed, text.startsWith('data: first\n\n')]).toEqual([false, true]);
    return text.slice(text.lastIndexOf('event: error'));
  };

  const { callerId } = toGivenToken(TOKEN, 'env', null);
  const flood = (): void => {
    for (let count = 0; isFollowed; count += 1) {
      live.next({ data: 'x'.repeat(1024 * 1024) });
    }
  };

  it.each<[string, (streams: SseStreams) => unknown, object]>([
    [
      'its token was revoked',
      (streams) => {
        streams.endOf(callerId);
      },
      { code: 'invalid_api_key', message: 'This token has been revoked.' },
    ],
    ['the server stops', (streams) => streams.closeAll(), { message: 'The server is shutting down.' }],
    ['its reader is too slow', flood, { message: 'This reader is too slow; the work goes on without it.' }],
    [
      'its source failed',
      () => {
        live.error(new ServiceError('thread_not_found', 'There is no such thread.'));
      },
      { code: 'thread_not_found', message: 'There is no such thread.' },
    ],
  ])('%s', async (_why, end, error) => {
    const last = await textWhen(end);
    expect(JSON.parse(last.split('data: ')[1] ?? '')).toMatchObject({ error });
  });
});

describe('a request that is refused under a path with a shape of its own', () => {
  it.each([
    ['by the gate', () => request(toy.server).post('/v1/words').send({}), 401, 'invalid_api_key'],
    ['by the router', () => request(toy.server).get('/v1/nothing').set(BEARER), 404, 'not_found'],
    ['for its method', () => request(toy.server).get('/v1/words').set(BEARER), 405, 'method_not_allowed'],
    ['for its media type', () => say({}).type('text/plain').send('x'), 415, 'unsupported_media_type'],
  ])('%s gets that shape', async (_, send, status, code) => {
    const answer = await send();
    expect(faultOf(answer)).toMatchObject({ status, code, message: expect.any(String) as string });
    expect(answer.headers['x-request-id']).toEqual(expect.any(String));
    expect(answer.headers['www-authenticate'] !== undefined).toBe(status === 401);
  });

  it('names the field that is at fault', async () => {
    const paramOf = async (body: object): Promise<unknown> => (faultOf(await say(body)) as { param: unknown }).param;
    expect(await paramOf({ input: 1 })).toBe('input');
    expect(await paramOf({ input: 'x', other: 1 })).toBe('other');
    expect(await paramOf({ input: [{ type: 'text', text: 'a' }, { type: 'text' }] })).toBe('input[1].text');
    expect(await paramOf({ input: [{ type: 'text', text: 'a', more: 1 }] })).toBe('input[0].more');
    expect(await paramOf({ input: [{ type: 'sound' }] })).toBe('input[0].type');
  });

  it('gets a problem beside those paths', async () => {
    const answer = await request(toy.server).get('/v10').set(BEARER).expect(404);
    expect(answer.body).toMatchObject({ code: 'not_found', status: 404 });
  });
});

it('the document has the schema by its name, and the errors of the dialect', async () => {
  const answer = await request(toy.server).get('/openapi.json').expect(200);
  const document = answer.body as {
    paths: Record<string, Record<string, Record<string, unknown>>>;
    components: { schemas: object };
  };
  expect(document.paths['/v1/words']?.post).toMatchObject({
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Words' } } },
    },
    responses: { 401: { $ref: '#/components/responses/OpenAiError401' } },
  });
  expect(document.components.schemas).toMatchObject({
    Words: { type: 'object', description: 'What is said.', required: ['input'], additionalProperties: false },
    OpenAiError: { type: 'object' },
  });
});
