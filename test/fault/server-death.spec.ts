import { App } from '../support/start-app.js';
import { type SseFrame } from '../support/sse-reader.js';

const bytesOf = (frames: readonly SseFrame[]): string[] =>
  frames.map(({ id, event, text }) => `${String(id)} ${String(event)} ${text}`);

describe('when the server is killed', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('replays what a client saw byte for byte, interrupts what ran, and runs what waited', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: The colour is heliotrope.');
    const before = await app.stream(threadId, '?after=0');
    const everything = await app.allEvents('?after=0');
    const cut = await app.submit(threadId, 'deltas: 1000\nrun escalated: echo no because: it asks');
    const waiting = await app.submit(threadId, 'say: From the queue.');
    const question = await before.until('item/commandExecution/requestApproval');
    await everything.until('item/commandExecution/requestApproval');

    await app.server.signal('SIGKILL');
    await Promise.all([before.ended, everything.ended]);
    await app.restart();

    const after = await app.stream(threadId, '?after=0');
    await after.turnEnd(waiting.turn_id);
    after.close();
    expect(bytesOf(after.events).slice(0, before.events.length)).toEqual(bytesOf(before.events));
    expect(after.events.map(({ id }) => id)).toEqual(after.events.map((_, index) => String(index + 1)));
    const news = after.events.filter(({ id }) => Number(id) > Number(question.id));
    const ofCut = news.filter(({ data }) => data.turn_id === cut.turn_id);
    // The engine repeats the usage of the last turn when it loads the thread again.
    expect(ofCut.map(({ event }) => event).slice(0, 4)).toEqual([
      'approval/expired',
      'approval/resolved',
      'engine/restarted',
      'turn/completed',
    ]);
    expect(ofCut[3]?.data.turn).toMatchObject({ id: cut.turn_id, status: 'interrupted' });
    expect(await after.turnEnd(waiting.turn_id)).toMatchObject({ status: 'completed' });
    expect(JSON.stringify(app.model.requests.at(-1)?.body)).toContain('heliotrope');

    const all = await app.allEvents('?after=0');
    await all.until('stream/live');
    all.close();
    expect(bytesOf(all.events).slice(0, everything.events.length)).toEqual(bytesOf(everything.events));
    expect(all.events.map(({ id }) => id)).toEqual(all.events.map((_, index) => String(index + 1)));
  });
});
