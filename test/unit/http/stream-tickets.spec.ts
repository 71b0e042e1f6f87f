import { Controller } from '@nestjs/common';
import { NEVER } from 'rxjs';
import request from 'supertest';
import { Clock } from '../../../src/http/auth/clock.js';
import { StreamTicketsController } from '../../../src/api/events/stream-tickets.controller.js';
import { StreamTickets } from '../../../src/http/auth/stream-tickets.js';
import { Sse } from '../../../src/http/sse/sse.js';
import { type EventStream, toNativeStream } from '../../../src/http/sse/event-stream.js';
import { BEARER, openStream, startToyApp, type ToyApp } from './toy-app.js';

class StoppedClock extends Clock {
  ms = 0;
  override nowMs(): number {
    return this.ms;
  }
}

const MINUTE = 60_000;

describe('StreamTickets', () => {
  let clock: StoppedClock;
  let tickets: StreamTickets;

  beforeEach(() => {
    clock = new StoppedClock();
    tickets = new StreamTickets(clock);
  });

  it('must first be used within 30 seconds', () => {
    const { ticket, firstUseByMs } = tickets.issue('me', null);
    expect(firstUseByMs).toBe(30_000);
    clock.ms = 30_000;
    expect(() => tickets.open(ticket, null)).toThrow(/expired/);
  });

  it('opens one stream at a time, and again within two minutes of a drop', () => {
    const { ticket } = tickets.issue('me', null);
    clock.ms = 29_999;
    const first = tickets.open(ticket, 't1');
    expect(() => tickets.open(ticket, 't1')).toThrow(/has a stream open/);
    clock.ms = 60 * MINUTE;
    first.close();
    clock.ms = 62 * MINUTE - 1;
    tickets.open(ticket, 't1').close();
    clock.ms = 64 * MINUTE - 1;
    expect(() => tickets.open(ticket, 't1')).toThrow(/expired/);
  });

  it('ends after 12 hours in all', () => {
    const { ticket } = tickets.issue('me', null);
    const open = tickets.open(ticket, null);
    expect(open.endsAtMs).toBe(12 * 60 * MINUTE);
    clock.ms = open.endsAtMs - 1;
    open.close();
    clock.ms = open.endsAtMs;
    expect(() => tickets.open(ticket, null)).toThrow(/expired/);
  });

  it('is for its thread only, and goes with its token', () => {
    const { ticket } = tickets.issue('me', 't1');
    expect(() => tickets.open(ticket, 't2')).toThrow(/one thread only/);
    expect(() => tickets.open(ticket, null)).toThrow(/one thread only/);
    tickets.revokeAll('me');
    expect(() => tickets.open(ticket, 't1')).toThrow(/unknown/);
  });
});

@Controller('api/v2')
class ToyStreams {
  @Sse('events')
  all(): EventStream {
    return toNativeStream(NEVER, true);
  }

  @Sse('threads/:id/events')
  one(): EventStream {
    return toNativeStream(NEVER, true);
  }

  @Sse('other')
  other(): EventStream {
    return toNativeStream(NEVER, true);
  }
}

describe('POST /api/v2/stream-tickets', () => {
  let toy: ToyApp;

  beforeAll(async () => {
    toy = await startToyApp([ToyStreams, StreamTicketsController]);
  });

  afterAll(async () => {
    await toy.close();
  });

  const issue = async (body: object): Promise<string> => {
    const answer = await request(toy.server).post('/api/v2/stream-tickets').set(BEARER).send(body);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      ticket: expect.any(String) as string,
      expires_at: expect.stringMatching(/Z$/) as string,
    });
    return (answer.body as { ticket: string }).ticket;
  };

  const statusOf = async (path: string): Promise<number | undefined> => {
    const { req, res } = await openStream(toy.port, path, { headers: { authorization: [] } });
    req.destroy();
    return res.statusCode;
  };

  it('opens the stream of its thread and nothing else', async () => {
    const ticket = await issue({ thread_id: 't1' });
    expect(await statusOf(`/api/v2/threads/t2/events?ticket=${ticket}`)).toBe(401);
    expect(await statusOf(`/api/v2/events?ticket=${ticket}`)).toBe(401);
    expect(await statusOf(`/api/v2/threads/t1/events?ticket=${ticket}`)).toBe(200);
  });

  it('opens each of the two kinds of stream, and no other path', async () => {
    const ticket = await issue({});
    expect(await statusOf(`/api/v2/other?ticket=${ticket}`)).toBe(401);
    expect(await statusOf(`/api/v2/events?ticket=wrong`)).toBe(401);
    expect(await statusOf(`/api/v2/events?named=false&ticket=${ticket}`)).toBe(200);
    expect(toy.logText()).not.toContain(ticket);
  });

  it('is not given without a token, and refuses what it does not know', async () => {
    expect((await request(toy.server).post('/api/v2/stream-tickets')).status).toBe(401);
    expect((await request(toy.server).post('/api/v2/stream-tickets').set(BEARER).send({ x: 1 })).status).toBe(400);
  });
});
