import { App, type Json } from '../support/start-app.js';
import { SseReader } from '../support/sse-reader.js';

describe('the stream of all threads', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('has ids of its own without holes, and the events of each thread in their order', async () => {
    const all = await app.allEvents();
    const { data: opened } = await all.until('stream/opened');
    await all.until('stream/live');
    const threadIds = [await app.createThread(), await app.createThread(), await app.createThread()];
    const turns = await Promise.all(
      threadIds.map((threadId) => app.submit(threadId, 'say: One of three.\ndeltas: 100')),
    );
    await Promise.all(turns.map(({ turn_id: turnId }) => all.turnEnd(turnId)));
    all.close();

    expect(Object.keys(opened)).toEqual(['event', 'pending_approvals', 'latest_seq']);
    const first = Number(opened.latest_seq) + 1;
    expect(all.events.map(({ id }) => Number(id))).toEqual(all.events.map((_, index) => first + index));
    for (const threadId of threadIds) {
      const own = all.events.filter(({ data }) => data.thread_id === threadId);
      expect(own.map(({ data }) => data.seq)).toEqual(own.map((_, index) => index + 1));
      const stream = await app.stream(threadId, '?after=0');
      await stream.until('stream/live');
      stream.close();
      expect(stream.events.slice(0, own.length).map(({ text }) => text)).toEqual(own.map(({ text }) => text));
    }
  });

  it('has the events that belong to no thread too, with their number as seq', async () => {
    const all = await app.allEvents('?after=0');
    await all.until('stream/live');
    all.close();
    const ofNone = all.events.filter(({ data }) => data.thread_id === null);
    expect(ofNone.length).toBeGreaterThan(0);
    expect(ofNone.map(({ data }) => String(data.seq))).toEqual(ofNone.map(({ id }) => id));
    expect(all.events.map(({ id }) => id)).toEqual(all.events.map((_, index) => String(index + 1)));
  });

  it('sends only the events of ?types=, replayed and live', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Before.');
    const some = await app.allEvents('?after=0&types=turn/started,turn/completed');
    await some.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, 'say: After.');
    await some.turnEnd(turnId);
    some.close();
    const own = some.events.filter(({ data }) => data.thread_id === threadId);
    expect(own.map(({ event }) => event)).toEqual(['turn/started', 'turn/completed', 'turn/started', 'turn/completed']);
    expect(new Set(some.names)).toEqual(new Set(['turn/started', 'turn/completed']));
  });

  it('goes on after Last-Event-ID over all threads', async () => {
    const whole = await app.allEvents('?after=0');
    await whole.until('stream/live');
    whole.close();
    const middle = Math.floor(whole.events.length / 2);
    const rest = await app.allEvents(`?after=${String(middle)}`);
    await rest.until('stream/live');
    rest.close();
    expect(rest.events.slice(0, whole.events.length - middle)).toEqual(whole.events.slice(middle));
  });

  describe('read by an EventSource, which can not send a token', () => {
    /** As a browser does it: the same address each time, and the last id from the second time on. */
    async function openEventSource(path: string, ticket: string, lastEventId?: string): Promise<SseReader> {
      const headers = lastEventId === undefined ? undefined : { 'last-event-id': lastEventId };
      const address = `${app.url}${path}?after=0&named=false&ticket=${ticket}`;
      return SseReader.open(address, headers === undefined ? {} : { headers });
    }

    it.each(['thread', 'server'])('reads the %s stream with a ticket, and again after a drop', async (kind) => {
      const threadId = await app.createThread();
      const { turn_id: turnId } = await app.runTurn(threadId, 'say: Seen with a ticket.');
      const path = kind === 'thread' ? `/api/v2/threads/${threadId}/events` : '/api/v2/events';
      const body = kind === 'thread' ? { thread_id: threadId } : {};
      const { ticket } = (await app.post('/api/v2/stream-tickets', body).expect(201)).body as { ticket: string };

      const first = await openEventSource(path, ticket);
      await first.until(({ id }) => id === '3');
      first.close();
      await first.ended;
      const received = first.events.slice(0, 3);
      const second = await reopened(() => openEventSource(path, ticket, '3'));
      await second.until(({ data }) => data.event === 'turn/completed' && data.turn_id === turnId);
      second.close();

      const ids = [...received, ...second.events].map(({ id }) => Number(id));
      expect(ids).toEqual(ids.map((_, index) => index + 1));
      expect(second.frames.every(({ event }) => event === undefined)).toBe(true);
    });

    it('does not open another thread with the ticket of one', async () => {
      const [own, other] = [await app.createThread(), await app.createThread()];
      const answer = await app.post('/api/v2/stream-tickets', { thread_id: own }).expect(201);
      const { ticket } = answer.body as Json;
      const refused = openEventSource(`/api/v2/threads/${other}/events`, String(ticket));
      await expect(refused).rejects.toThrow(/^40[13]: \{.*"code":"(unauthorized|forbidden)"/);
    });
  });
});

/** The server learns of a drop a moment after the client; until then the ticket's one stream counts as open. */
async function reopened(open: () => Promise<SseReader>): Promise<SseReader> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!String(error).includes('409')) {
        throw error;
      }
    }
  }
}
