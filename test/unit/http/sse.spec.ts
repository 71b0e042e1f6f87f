import { Controller, Get, Param, Query } from '@nestjs/common';
import { Observable, Subject, type Subscriber, type TeardownLogic, throwError } from 'rxjs';
import request from 'supertest';
import { ServiceError } from '../../../src/core/errors.js';
import { type EventBatch } from '../../../src/core/events/event.js';
import { type EventStream, toNativeStream } from '../../../src/http/sse/event-stream.js';
import { Sse } from '../../../src/http/sse/sse.js';
import { formatControl, formatFrames, toChunk, type SseChunk } from '../../../src/http/sse/sse-chunk.js';
import { SseSink } from '../../../src/http/sse/response-sink.js';
import { SseStreams } from '../../../src/http/sse/sse-streams.js';
import { toGivenToken } from '../../../src/settings/auth-token.js';
import { BEARER, openStream, startToyApp, TOKEN, type ToyApp } from './toy-app.js';

const live = new Subject<SseChunk>();
let subscribed = 0;
let produced = 0;
let onUnsubscribe: () => void = () => undefined;

const chunkOf = (id: number, text: string): SseChunk => ({
  bytes: Buffer.from(`id: ${String(id)}\ndata: ${text}\n\n`),
  lastId: String(id),
});

const streamOf = (subscribe: (subscriber: Subscriber<SseChunk>) => TeardownLogic): EventStream =>
  toNativeStream(new Observable(subscribe), true);

@Controller('api/v2')
class ToyStreams {
  @Sse('events')
  all(): EventStream {
    return streamOf((subscriber) => {
      subscribed += 1;
      const inner = live.subscribe(subscriber);
      return () => {
        subscribed -= 1;
        inner.unsubscribe();
        onUnsubscribe();
      };
    });
  }

  @Sse('threads/:id/events')
  async ofThread(@Param('id') id: string, @Query('after') after?: string): Promise<EventStream> {
    await Promise.resolve();
    if (id === 'missing') {
      throw new ServiceError('thread_not_found', 'There is no such thread.');
    }
    if (id === 'failing') {
      return toNativeStream(
        throwError(() => new ServiceError('engine_error', 'It broke.')),
        true,
      );
    }
    return streamOf((subscriber) => {
      subscriber.next(chunkOf(1, `${id} after ${after ?? 'nothing'}`));
      subscriber.complete();
    });
  }

  /** A replay of 8 MiB in pieces, each made only when the one before has left. */
  @Sse('replay')
  replay(@SseSink() sink: SseSink): EventStream {
    return streamOf((subscriber) => {
      void (async () => {
        for (produced = 0; produced < 128 && (await sink.whenDrained()); produced += 1) {
          subscriber.next(chunkOf(produced, 'x'.repeat(64 * 1024)));
        }
        subscriber.complete();
      })();
    });
  }

  @Get('plain')
  plain(): object {
    return { plain: true };
  }
}

let toy: ToyApp;
let streams: SseStreams;

beforeEach(async () => {
  toy = await startToyApp([ToyStreams], { sse: { keepaliveMs: 60, drainMs: 60 } });
  streams = toy.app.get(SseStreams);
});

afterEach(async () => {
  await toy.close();
  onUnsubscribe = () => undefined;
});

describe('@Sse', () => {
  it('writes the same bytes to every subscriber', async () => {
    const [one, two] = await Promise.all([
      openStream(toy.port, '/api/v2/events'),
      openStream(toy.port, '/api/v2/events'),
    ]);
    live.next(chunkOf(1, 'first'));
    live.next({ bytes: formatControl('stream/live', { seq: 1 }), lastId: null });
    await Promise.all([one.waitFor('stream/live'), two.waitFor('stream/live')]);
    await one.waitFor('"seq":1}\n\n');
    const expected =
      'retry: 2000\n\nid: 1\ndata: first\n\nevent: stream/live\ndata: {"event":"stream/live","seq":1}\n\n';
    expect(one.text().replaceAll(': keepalive\n\n', '')).toBe(expected);
    expect(two.text().replaceAll(': keepalive\n\n', '')).toBe(expected);
    expect(one.res.statusCode).toBe(200);
    expect(one.res.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      connection: 'close',
      'x-request-id': expect.any(String) as string,
    });
    expect(streams.openCount).toBe(2);
    expect(toy.logText()).not.toContain('unexpected');
  });

  it('keeps parameters and ends with its source', async () => {
    const { text } = await request(toy.server).get('/api/v2/threads/t1/events?after=7').set(BEARER);
    expect(text).toBe('retry: 2000\n\nid: 1\ndata: t1 after 7\n\n');
    expect(streams.openCount).toBe(0);
  });

  it('answers a failure before the stream with a status, and one within it with a frame', async () => {
    const missing = await request(toy.server).get('/api/v2/threads/missing/events').set(BEARER);
    expect(missing.status).toBe(404);
    expect(missing.body).toMatchObject({ code: 'thread_not_found' });
    const failing = await request(toy.server)
      .get('/api/v2/threads/failing/events')
      .set({ ...BEARER, 'x-request-id': 'r1' });
    expect(failing.text).toBe(
      'retry: 2000\n\nevent: stream/error\ndata: {"event":"stream/error","code":"engine_error","message":"It broke.","request_id":"r1"}\n\n',
    );
  });

  it('answers HEAD without subscribing', async () => {
    const answer = await request(toy.server).head('/api/v2/events').set(BEARER);
    expect([answer.status, answer.type, subscribed]).toEqual([200, 'text/event-stream', 0]);
  });

  it('unsubscribes as soon as the client is gone', async () => {
    const stream = await openStream(toy.port, '/api/v2/events');
    expect(subscribed).toBe(1);
    const unsubscribed = new Promise<void>((resolve) => (onUnsubscribe = resolve));
    stream.req.destroy();
    await unsubscribed;
    expect([subscribed, streams.openCount]).toEqual([0, 0]);
  });

  it('tells and drops a reader that does not read, while another gets everything', async () => {
    const [slow, fast] = await Promise.all([
      openStream(toy.port, '/api/v2/events', { isReading: false }),
      openStream(toy.port, '/api/v2/events'),
    ]);
    const piece = 'y'.repeat(256 * 1024);
    let count = 0;
    while (subscribed === 2) {
      count += 1;
      live.next(chunkOf(count, piece));
      await fast.waitFor(`id: ${String(count)}\ndata: ${piece}\n\n`);
    }
    expect([subscribed, streams.openCount]).toEqual([1, 2]);
    slow.res.resume();
    await slow.ended;
    expect(fast.text().match(/^id: /gm)).toHaveLength(count);
    live.next(chunkOf(count + 1, 'after'));
    await fast.waitFor('data: after\n\n');
  });

  it('says where to resume to a reader that was too slow but reads on', async () => {
    const slow = await openStream(toy.port, '/api/v2/replay', { isReading: false });
    slow.res.destroy();
    const stream = await openStream(toy.port, '/api/v2/events', { isReading: false });
    const dropped = new Promise<void>((resolve) => (onUnsubscribe = resolve));
    for (let id = 1; subscribed > 0; id += 1) {
      live.next(chunkOf(id, 'z'.repeat(512 * 1024)));
    }
    await dropped;
    let text = '';
    for await (const part of stream.res as AsyncIterable<Buffer>) {
      text += part.toString();
    }
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => match[1]);
    expect(text).toContain(`event: stream/lagged\ndata: {"event":"stream/lagged","last_id":"${String(ids.at(-1))}"`);
  });

  it('always has room for one event of any size', async () => {
    const stream = await openStream(toy.port, '/api/v2/events');
    const huge = 'h'.repeat(3 * 1024 * 1024);
    live.next(chunkOf(1, huge));
    await stream.waitFor(`${huge}\n\n`);
    live.next(chunkOf(2, 'still here'));
    await stream.waitFor('still here');
  });

  it('pulls a replay at the pace of the reader', async () => {
    const stalled = await openStream(toy.port, '/api/v2/replay', { isReading: false });
    const reading = await openStream(toy.port, '/api/v2/events');
    await reading.waitFor('keepalive');
    expect(produced).toBeLessThan(128);
    stalled.res.destroy();
    const { text } = await request(toy.server).get('/api/v2/replay').set(BEARER);
    expect(text.match(/^id: /gm)).toHaveLength(128);
  });

  it('sends a comment while nothing happens', async () => {
    const stream = await openStream(toy.port, '/api/v2/events');
    await stream.waitFor(': keepalive\n\n: keepalive\n\n');
  });

  it('says goodbye to all when the server goes, and to those who come later', async () => {
    const stream = await openStream(toy.port, '/api/v2/events');
    const closed = streams.closeAll();
    await Promise.all([closed, stream.ended]);
    expect(stream.text()).toContain('event: stream/closing\ndata: {"event":"stream/closing","reason":"shutdown"}\n\n');
    const late = await openStream(toy.port, '/api/v2/events');
    await late.ended;
    expect(late.text()).toContain('event: stream/closing');
    expect([subscribed, streams.openCount]).toEqual([0, 0]);
  });

  it('tells the streams of a revoked token that it was revoked, and no other stream', async () => {
    const mine = await openStream(toy.port, '/api/v2/events');
    streams.endOf('of-somebody-else');
    streams.endOf(toGivenToken(TOKEN, 'env', null).callerId);
    await mine.ended;
    expect(mine.text()).toContain('data: {"event":"stream/closing","reason":"token_revoked"}\n\n');
    expect(mine.text().match(/stream\/closing"/g)).toHaveLength(1);
  });

  it('destroys a stream that never drains, so that closing ends', async () => {
    const stalled = await openStream(toy.port, '/api/v2/events', { isReading: false });
    for (let id = 1; id <= 3; id += 1) {
      live.next(chunkOf(id, 'w'.repeat(300 * 1024)));
    }
    live.next(chunkOf(4, 'w'.repeat(8 * 1024 * 1024)));
    await streams.closeAll();
    stalled.res.destroy();
    expect(streams.openCount).toBe(0);
  });
});

describe('formatFrames', () => {
  const batch: EventBatch = [
    { threadId: 't', seq: 1, globalSeq: 11, turnId: null, name: 'turn/started', data: '{"a":1}', emittedAtMs: 0 },
    { threadId: 't', seq: 2, globalSeq: 12, turnId: null, name: 'turn/completed', data: '{"b":"é"}', emittedAtMs: 0 },
  ];

  it.each([
    ['thread', 'id: 1\nevent: turn/started\ndata: {"a":1}\n\nid: 2\nevent: turn/completed\ndata: {"b":"é"}\n\n', '2'],
    ['thread-unnamed', 'id: 1\ndata: {"a":1}\n\nid: 2\ndata: {"b":"é"}\n\n', '2'],
    [
      'global',
      'id: 11\nevent: turn/started\ndata: {"a":1}\n\nid: 12\nevent: turn/completed\ndata: {"b":"é"}\n\n',
      '12',
    ],
    ['global-unnamed', 'id: 11\ndata: {"a":1}\n\nid: 12\ndata: {"b":"é"}\n\n', '12'],
  ] as const)('joins a batch for %s once', (form, text, lastId) => {
    expect(formatFrames(batch, form).toString()).toBe(text);
    expect(formatFrames(batch, form)).toBe(formatFrames(batch, form));
    expect(toChunk(batch, form).lastId).toBe(lastId);
  });
});
