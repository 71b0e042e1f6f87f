import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { App } from '../support/start-app.js';
import { killEngine } from '../support/engine-faults.js';
import { seededRandom } from '../support/seeded-random.js';

const THREADS = 4;
const KILLS = 5;
const LONGEST_MS = 60;

describe('when the engine is killed while turns are handed over', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('loses no turn and runs none twice', async () => {
    const random = seededRandom(20);
    const threadIds = await Promise.all(Array.from({ length: THREADS }, () => app.createThread()));
    const streams = await Promise.all(threadIds.map((threadId) => app.stream(threadId, '?after=0')));
    const accepted: { name: string; threadId: string; turnId: string }[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const submitted = threadIds.flatMap((threadId, index) =>
        ['first', 'second'].map(async (which) => {
          const name = `kill-${String(kill)}-thread-${String(index)}-${which}`;
          const turn = await app.submit(threadId, `run: echo ${name} >> runs.txt`);
          accepted.push({ name, threadId, turnId: turn.turn_id });
        }),
      );
      await delay(random() * LONGEST_MS);
      await killEngine(app);
      await Promise.all(submitted);
      for (const { threadId, turnId } of accepted) {
        await streams[threadIds.indexOf(threadId)]?.turnEnd(turnId);
      }
    }
    for (const stream of streams) {
      stream.close();
    }

    const lines = readFileSync(join(app.scratch.workspace, 'runs.txt'), 'utf8').trim().split('\n');
    expect(lines).toEqual([...new Set(lines)]);
    expect(accepted).toHaveLength(THREADS * KILLS * 2);
    for (const { name, threadId, turnId } of accepted) {
      const answer = await app.get(`/api/v2/threads/${threadId}/turns/${turnId}`).expect(200);
      const { status, error } = answer.body as { status: string; error: unknown };
      expect({ status, error }).toEqual({
        status: expect.stringMatching(/^(completed|interrupted)$/) as string,
        error: null,
      });
      expect(status === 'interrupted' || lines.includes(name)).toBe(true);
    }
    for (const [index, stream] of streams.entries()) {
      const ends = stream.events.filter(({ event }) => event === 'turn/completed').map(({ data }) => data.turn_id);
      const own = accepted.filter(({ threadId }) => threadId === threadIds[index]).map(({ turnId }) => turnId);
      expect([...ends].sort()).toEqual([...own].sort());
    }
  }, 60_000);
});
