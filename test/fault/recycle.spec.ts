import { enginePids, until } from '../support/engine-processes.js';
import { type SseReader } from '../support/sse-reader.js';
import { App, type Json } from '../support/start-app.js';

describe('an engine process that has outgrown its limit', () => {
  let app: App;

  afterEach(async () => {
    await app.stop();
  });

  async function liveStream(threadId: string): Promise<SseReader> {
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('stream/live');
    return stream;
  }

  function expectUnbroken(stream: SseReader): void {
    expect(stream.events.map(({ id }) => id)).toEqual(stream.events.map((_event, index) => String(index + 1)));
    expect(stream.names).not.toContain('engine/restarted');
    expect(stream.names).not.toContain('approval/expired');
    const ends = stream.events.filter(({ event }) => event === 'turn/completed');
    expect(ends.map(({ data }) => (data.turn as Json).status)).toEqual(ends.map(() => 'completed'));
    stream.close();
  }

  it('is replaced between turns: what runs goes on, what waits runs, and nobody notices', async () => {
    // Any process has more than a byte, so one is replaced as often as it may be.
    app = await App.start({ args: ['--engine-max-memory', '1', '--engine-check-interval', '0.2'] });
    const [running, asking, idle, fresh] = await Promise.all([1, 2, 3, 4].map(() => app.createThread()));
    await app.runTurn(idle!, 'say: Remember the word heliotrope.');
    const streams = await Promise.all([running!, asking!, idle!, fresh!].map(liveStream));
    const [runningStream, askingStream] = streams as [SseReader, SseReader];
    const runs = await app.submit(running!, 'part: Half a \ngate: later\nsay: sentence.');
    const waits = await app.submit(running!, 'say: From the queue.');
    const asks = await app.submit(asking!, 'run escalated: echo yes because: it asks');
    const question = await askingStream.until('item/commandExecution/requestApproval');
    await app.model.reached('later');

    // Those that run the turns are among these; another may be here that has been replaced and is just ending.
    const before = enginePids(app);
    const left = (): number[] => enginePids(app).filter((pid) => before.includes(pid));
    await until(() => enginePids(app).some((pid) => !before.includes(pid)));
    expect(await app.runTurn(idle!, 'say: Which word?')).toMatchObject({ status: 'completed' });
    expect(JSON.stringify(app.model.requests.at(-1)?.body)).toContain('heliotrope');
    expect(await app.runTurn(fresh!, 'say: The first turn.')).toMatchObject({ status: 'completed' });
    const later = await app.createThread();
    expect(await app.runTurn(later, 'say: Made meanwhile.')).toMatchObject({ status: 'completed' });
    await app.get('/readyz').expect(200);

    expect(left()).not.toEqual([]);
    const approvals = `/api/v2/threads/${asking!}/approvals`;
    await app.post(`${approvals}/${String(question.data.approval_id)}`, { decision: 'approve' }).expect(200);
    expect(await askingStream.turnEnd(asks.turn_id)).toMatchObject({ status: 'completed' });
    app.model.release('later');
    expect(await runningStream.turnEnd(runs.turn_id)).toMatchObject({ status: 'completed' });
    expect(await runningStream.turnEnd(waits.turn_id)).toMatchObject({ status: 'completed' });
    await until(() => left().length === 0);
    streams.forEach(expectUnbroken);
  });

  it('goes on with every turn of many threads while it is replaced again and again', async () => {
    const args = ['--engines', '2', '--engine-max-memory', '1', '--engine-check-interval', '0.1'];
    app = await App.start({ args });
    const first = enginePids(app);
    const threads = await Promise.all(Array.from({ length: 6 }, () => app.createThread()));
    const streams = await Promise.all(threads.map(liveStream));
    const seen = new Set(first);
    let rounds = 0;
    // Two replacements of each at least.
    while (seen.size < 6) {
      await Promise.all(threads.map((threadId) => app.runTurn(threadId, `say: Round ${String(rounds)}.`)));
      enginePids(app).forEach((pid) => seen.add(pid));
      rounds += 1;
    }
    streams.forEach(expectUnbroken);
    for (const threadId of threads) {
      const turns = (await app.get(`/api/v2/threads/${threadId}/turns?limit=100`).expect(200)).body as { data: Json[] };
      expect(turns.data.map(({ status }) => status)).toEqual(
        Array.from({ length: Math.min(rounds, 100) }, () => 'completed'),
      );
    }
  });

  it('is replaced when it has too many children', async () => {
    app = await App.start({ args: ['--engine-max-children', '2', '--engine-check-interval', '0.2'] });
    const [old = 0] = enginePids(app);
    const threads = await Promise.all([1, 2, 3].map(() => app.createThread()));
    const left = JSON.stringify({ cmd: 'sleep 20000', yield_time_ms: 250 });
    await Promise.all(threads.map((threadId) => app.runTurn(threadId, `call: exec_command ${left}`)));
    await until(() => enginePids(app).some((pid) => pid !== old));
    // Commands that were left running are not ended for it: the threads stay where they are.
    expect(enginePids(app)).toContain(old);
    expect(await app.runTurn(threads[0]!, 'say: Still here.')).toMatchObject({ status: 'completed' });
    expect(await app.runTurn(await app.createThread(), 'say: Elsewhere.')).toMatchObject({ status: 'completed' });
  });
});
