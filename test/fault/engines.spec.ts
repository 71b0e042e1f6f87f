import { enginePids, until } from '../support/engine-processes.js';
import { type SseReader } from '../support/sse-reader.js';
import { App, type Json } from '../support/start-app.js';

describe('a server with three engine processes', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start({ args: ['--engines', '3'] });
  });

  afterAll(async () => {
    await app.stop();
  });

  interface Running {
    threadId: string;
    turnId: string;
    nextTurnId: string;
    stream: SseReader;
  }

  /** Turns that wait at a gate, each in a thread of its own, with one more turn behind each. */
  async function runAtGate(gate: string, count: number): Promise<Running[]> {
    // One after the other: each goes to the process with the least to do, whatever the others' starts are at.
    const threadIds: string[] = [];
    while (threadIds.length < count) {
      threadIds.push(await app.createThread());
    }
    const running = await Promise.all(
      threadIds.map(async (threadId) => {
        const stream = await app.stream(threadId);
        await stream.until('stream/live');
        const { turn_id: turnId } = await app.submit(threadId, `part: Half\ngate: ${gate}\nsay: and half.`);
        const { turn_id: nextTurnId } = await app.submit(threadId, 'say: From the queue.');
        return { threadId, turnId, nextTurnId, stream };
      }),
    );
    await app.model.reached(gate, count);
    return running;
  }

  async function untilThreeAre(ready: (pids: number[]) => boolean): Promise<void> {
    await until(() => enginePids(app).length === 3 && ready(enginePids(app)));
  }

  it('loses only the turns of the process that is killed; the others go on, and so does what waits everywhere', async () => {
    const running = await runAtGate('crash', 6);
    const [, victim = 0] = enginePids(app);
    process.kill(victim, 'SIGKILL');
    await untilThreeAre((pids) => !pids.includes(victim));
    const isHit = await Promise.all(
      running.map(({ stream }) => Promise.race([stream.until('engine/restarted').then(() => true), survivors()])),
    );
    expect(isHit.filter(Boolean)).toHaveLength(2);
    app.model.release('crash');
    for (const [index, { threadId, turnId, nextTurnId, stream }] of running.entries()) {
      expect(await stream.turnEnd(turnId)).toMatchObject({ status: isHit[index] ? 'interrupted' : 'completed' });
      expect(await stream.turnEnd(nextTurnId)).toMatchObject({ status: 'completed' });
      expect(stream.names.includes('engine/restarted')).toBe(isHit[index]);
      stream.close();
      expect(await app.runTurn(threadId, 'say: Again.')).toMatchObject({ status: 'completed' });
    }
  });

  /** Resolves when a turn that was submitted after the crash has ended, so that whoever was hit knows. */
  async function survivors(): Promise<false> {
    // Until its end is noticed, the killed process may be the one that is asked: 503, and nothing was made.
    let answer = await app.post('/api/v2/threads');
    while (answer.status === 503) {
      answer = await app.post('/api/v2/threads');
    }
    await app.runTurn((answer.body as { thread_id: string }).thread_id, 'say: A while.');
    return false;
  }

  it('stays ready while one of them is away', async () => {
    const [victim = 0] = enginePids(app);
    process.kill(victim, 'SIGKILL');
    while (enginePids(app).includes(victim)) {
      await app.get('/readyz').expect(200);
    }
    const threads = await Promise.all([1, 2, 3].map(() => app.createThread()));
    for (const threadId of threads) {
      expect(await app.runTurn(threadId, 'say: Here.')).toMatchObject({ status: 'completed' });
    }
    await untilThreeAre((pids) => !pids.includes(victim));
  });

  it('has one account, one configuration and one list of threads', async () => {
    await app.put('/api/v2/config', { key: 'model_reasoning_effort', value: 'low' }).expect(200);
    const created = await Promise.all(
      Array.from({ length: 6 }, async () => (await app.post('/api/v2/threads').expect(201)).body as Json),
    );
    expect(created.map(({ reasoning_effort: effort }) => effort)).toEqual(created.map(() => 'low'));
    await Promise.all(created.map(({ thread_id: threadId }) => app.runTurn(String(threadId), 'say: Listed.')));
    const list = (await app.get('/api/v2/threads?limit=100').expect(200)).body as { data: Json[] };
    const ids = list.data.map(({ thread_id: threadId }) => threadId);
    expect(created.filter(({ thread_id: threadId }) => !ids.includes(threadId))).toEqual([]);

    const events = await app.allEvents();
    await events.until('stream/live');
    const before = enginePids(app);
    await app.post('/api/v2/auth/login', { type: 'api_key', api_key: 'sk-test-0123456789' }).expect(200);
    // The process that did it knows; fresh ones take the places of the others.
    await untilThreeAre((pids) => before.filter((pid) => pids.includes(pid)).length === 1);
    for (const { thread_id: threadId } of created) {
      expect(await app.runTurn(String(threadId), 'say: As before.')).toMatchObject({ status: 'completed' });
    }
    expect(events.names.filter((name) => name.startsWith('account/') && !name.includes('rateLimits'))).toEqual([
      'account/login/completed',
      'account/updated',
    ]);
    expect(events.names).not.toContain('engine/restarted');
    // While a sandbox is there, the engine's own mount point for `.codex` may look like a project's configuration.
    const warnings = events.frames
      .filter(({ event }) => event === 'configWarning')
      .map(({ data }) => String(data.summary));
    expect(warnings.filter((summary) => !summary.startsWith('Project-local config'))).toEqual([]);
    events.close();
  });

  it('takes no more than sixteen', async () => {
    const server = await App.start({ args: ['--engines', '17'] }).catch((error: unknown) => String(error));
    expect(server).toContain('--engines must be a number of processes from 1 to 16, not "17"');
  });
});
