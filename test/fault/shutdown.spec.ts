import { type Test } from 'supertest';
import { enginePids, until } from '../support/engine-processes.js';
import { RawSocket, toHead } from '../support/raw-socket.js';
import { App } from '../support/start-app.js';

/** The status of an answer, or what the request failed with. */
const outcomeOf = (request: Test): Promise<unknown> =>
  request.then(
    ({ status }) => status,
    (error: unknown) => error,
  );

describe('a server that is asked to stop', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start({ args: ['--shutdown-timeout', '5'] });
  });

  afterAll(async () => {
    await app.stop();
  });

  it('says so on its streams, lets the running turn finish, and runs what waited after the next start', async () => {
    const threadId = await app.createThread();
    const stream = await app.stream(threadId);
    const all = await app.allEvents();
    const running = await app.submit(threadId, 'say: Nearly done.\ngate: shutdown\nsay: Done.');
    const waiting = await app.submit(threadId, 'say: From the queue.');
    await app.model.reached('shutdown');
    const exit = app.terminate();
    for (const { until, ended } of [stream, all].map((each) => ({
      until: each.until('stream/closing'),
      ended: each.ended,
    }))) {
      expect((await until).text).toBe('{"event":"stream/closing","reason":"shutdown"}');
      await ended;
    }
    app.model.release('shutdown');
    expect(await exit).toEqual({ code: 0, signal: null });

    await app.restart();
    const later = await app.stream(threadId, '?after=0');
    expect(await later.turnEnd(running.turn_id)).toMatchObject({ status: 'completed' });
    expect(await later.turnEnd(waiting.turn_id)).toMatchObject({ status: 'completed' });
    later.close();
    const ofRunning = later.events.filter(({ data }) => data.turn_id === running.turn_id).map(({ event }) => event);
    expect(ofRunning).not.toContain('engine/restarted');
    expect(later.events.map(({ id }) => id)).toEqual(later.events.map((_, index) => String(index + 1)));
  });

  it('ends at once at a second signal, and nothing is lost by it', async () => {
    const threadId = await app.createThread();
    const stream = await app.stream(threadId, '?after=0');
    const { turn_id: turnId } = await app.submit(threadId, 'say: Never done.\nstall');
    await stream.until('item/agentMessage/delta');
    process.kill(app.server.pid, 'SIGTERM');
    await stream.until('stream/closing');
    expect(await app.server.signal('SIGINT')).toEqual({ code: 1, signal: null });

    await app.restart();
    const later = await app.stream(threadId, '?after=0');
    expect(await later.turnEnd(turnId)).toMatchObject({ status: 'interrupted' });
    later.close();
    expect(later.events.slice(0, stream.events.length)).toEqual(stream.events);
  });
});

describe('a server that is given no time to stop', () => {
  it('interrupts what runs and exits with 0', async () => {
    const app = await App.start({ args: ['--shutdown-timeout', '0'] });
    const threadId = await app.createThread();
    const stream = await app.stream(threadId, '?after=0');
    const { turn_id: turnId } = await app.submit(threadId, 'say: Never done.\nstall');
    await stream.until('item/agentMessage/delta');
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
    await app.restart();
    const later = await app.stream(threadId, '?after=0');
    expect(await later.turnEnd(turnId)).toMatchObject({ status: 'interrupted' });
    later.close();
    await app.stop();
  });

  it('ends in its time beside requests that hang, and an engine that no longer answers', async () => {
    const app = await App.start({ args: ['--shutdown-timeout', '1'] });
    const threadId = await app.createThread();
    const input = 'gate: never\nsay: Never.';
    const requests = [
      app.post(`/api/v2/threads/${threadId}/turns`, { input }),
      app.post('/v1/responses', { input }),
      app.post('/v1/chat/completions', { messages: [{ role: 'user', content: input }] }),
    ].map(outcomeOf);
    await until(() => app.model.requests.length >= requests.length);
    const halfSent = await RawSocket.open(app.url);
    const head = toHead(app.url, 'POST /api/v2/threads', ['Content-Type: application/json', 'Content-Length: 100']);
    halfSent.send(`${head}\r\n{`);
    for (const pid of enginePids(app)) {
      process.kill(pid, 'SIGSTOP');
    }
    const asked = outcomeOf(app.get('/api/v2/models?provider=openai'));
    expect((await app.terminate()).signal).toBeNull();
    expect(await requests[0]).toBe(202);
    for (const outcome of await Promise.all([...requests.slice(1), asked])) {
      expect(outcome).not.toBe(200);
    }
    halfSent.close();
    await app.stop();
  });
});
