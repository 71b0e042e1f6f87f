import { problemOf, type RawAnswer, send } from '../support/raw-request.js';
import { TOKEN } from '../support/server-process.js';
import { SseReader } from '../support/sse-reader.js';
import { App } from '../support/start-app.js';

const BEARER = { authorization: `Bearer ${TOKEN}` };
const UNAUTHORIZED = { status: 401, code: 'unauthorized' };
const TICKETS = '/api/v2/stream-tickets';

let app: App;
let threadId: string;

const streamPath = (id: string): string => `/api/v2/threads/${id}/events`;

async function newTicket(body: object = {}): Promise<string> {
  const answer = await app.post(TICKETS, body).expect(201);
  return (answer.body as { ticket: string }).ticket;
}

/** As an `EventSource` does: the address, and no header of one's own. */
const open = (path: string, ticket: string, more = ''): Promise<SseReader> =>
  SseReader.open(`${app.url}${path}?ticket=${ticket}${more}`);

const refusal = (path: string, method = 'GET'): Promise<RawAnswer> => send(app.url, { method, path });

beforeAll(async () => {
  app = await App.start({ env: { LOG_LEVEL: 'trace' } });
  threadId = await app.createThread();
});

afterAll(async () => {
  await app.stop();
});

describe('a stream ticket', () => {
  it('must first be used within 30 s, and is not guessable', async () => {
    const { body } = (await app.post(TICKETS).expect(201)) as { body: { ticket: string; expires_at: string } };
    expect(Object.keys(body).sort()).toEqual(['expires_at', 'ticket']);
    expect(body.ticket).toMatch(/^[\w-]{43}$/);
    const leftMs = Date.parse(body.expires_at) - Date.now();
    expect(leftMs).toBeGreaterThan(20_000);
    expect(leftMs).toBeLessThanOrEqual(30_000);
  });

  it('is not given for a thread that is not there', async () => {
    for (const id of ['none', '01999999-0000-7000-8000-000000000000']) {
      const answer = await app.post(TICKETS, { thread_id: id });
      expect([answer.status, (answer.body as { code: string }).code]).toEqual([404, 'thread_not_found']);
    }
  });

  it("opens its own thread's stream, without a header", async () => {
    const stream = await open(streamPath(threadId), await newTicket({ thread_id: threadId }));
    const opened = await stream.until('stream/opened');
    expect(opened.data.thread).toMatchObject({ thread_id: threadId });
    stream.close();
  });

  it('opens the stream of all threads when it is for no thread', async () => {
    const stream = await open('/api/v2/events', await newTicket(), '&named=true');
    await stream.until('stream/live');
    stream.close();
  });

  it("opens neither another thread's stream nor that of all threads when it is for one", async () => {
    const ticket = await newTicket({ thread_id: threadId });
    const other = await app.createThread();
    for (const path of [streamPath(other), '/api/v2/events']) {
      expect(problemOf(await refusal(`${path}?ticket=${ticket}`))).toEqual(UNAUTHORIZED);
    }
    const stream = await open(streamPath(threadId), ticket);
    stream.close();
  });

  it('opens nothing but streams, and nothing but to read', async () => {
    const ticket = await newTicket();
    const others = ['/api/v2/threads', `/api/v2/threads/${threadId}`, '/api/v2/approvals', `${streamPath(threadId)}/x`];
    for (const path of others) {
      expect([path, problemOf(await refusal(`${path}?ticket=${ticket}`))]).toEqual([path, UNAUTHORIZED]);
    }
    for (const method of ['POST', 'DELETE', 'HEAD', 'OPTIONS']) {
      const answer = await refusal(`${streamPath(threadId)}?ticket=${ticket}`, method);
      expect([method, answer.status]).toEqual([method, 401]);
    }
    expect(problemOf(await refusal(TICKETS, 'POST'))).toEqual(UNAUTHORIZED);
  });

  it('opens one stream at a time, and again after a drop, where it left off', async () => {
    const ticket = await newTicket({ thread_id: threadId });
    const first = await open(streamPath(threadId), ticket);
    await first.until('stream/live');
    expect(problemOf(await refusal(`${streamPath(threadId)}?ticket=${ticket}`))).toEqual(UNAUTHORIZED);
    const { turn_id: turnId } = await app.submit(threadId, 'say: Hello.');
    await first.turnEnd(turnId);
    const lastId = first.events[1]?.id ?? '';
    const rest = first.events.slice(2).map(({ text }) => text);
    first.close();
    await first.ended;

    const again = await reopen(`${app.url}${streamPath(threadId)}?ticket=${ticket}`, lastId);
    await again.until('stream/live');
    expect(again.events.map(({ text }) => text)).toEqual(rest);
    again.close();
  });

  it('is 401 when it is unknown, empty or has been tampered with', async () => {
    const ticket = await newTicket();
    for (const wrong of ['unknown', '', `${ticket}x`, ticket.slice(1), '%00', TOKEN]) {
      expect(problemOf(await refusal(`${streamPath(threadId)}?ticket=${wrong}`))).toEqual(UNAUTHORIZED);
    }
  });

  it('yields to a token in the header, which must be right', async () => {
    const path = `${streamPath(threadId)}?ticket=${await newTicket()}`;
    const answer = await send(app.url, { path, headers: { authorization: 'Bearer wrong-token-0123456789' } });
    expect(problemOf(answer)).toEqual(UNAUTHORIZED);
    const stream = await SseReader.open(`${app.url}${path}`, { headers: BEARER });
    stream.close();
  });

  it('does not make a thread that is not there', async () => {
    const ticket = await newTicket();
    expect(problemOf(await refusal(`${streamPath('none')}?ticket=${ticket}`))).toEqual({
      status: 404,
      code: 'thread_not_found',
    });
  });

  it('is in no line of the log, at any level, nor is the token', async () => {
    const ticket = await newTicket({ thread_id: threadId });
    const stream = await open(streamPath(threadId), ticket);
    stream.close();
    await refusal(`/api/v2/threads?ticket=${ticket}`);
    await refusal(`${streamPath(threadId)}?ticket=${ticket}x`);
    await app.terminate();
    expect(app.server.output).toContain(`"path":"${streamPath(threadId)}"`);
    expect(app.server.output).not.toContain(ticket);
    expect(app.server.output).not.toContain('ticket=');
    expect(app.server.output).not.toContain(TOKEN);
  });
});

/** The server may learn of the drop after the client asks again, as it may for an `EventSource`, which then retries. */
async function reopen(url: string, lastId: string): Promise<SseReader> {
  for (;;) {
    try {
      return await SseReader.open(url, { headers: { 'last-event-id': lastId } });
    } catch (error) {
      if (!String(error).includes('has a stream open')) {
        throw error;
      }
    }
  }
}
