import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { App, type Json } from '../support/start-app.js';
import { seededRandom } from '../support/seeded-random.js';
import { type SseFrame } from '../support/sse-reader.js';

const ROUNDS = 5;
const LONGEST_MS = 200;

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

  it('keeps every turn that it accepted, through kills at random moments: once each, with an end', async () => {
    const random = seededRandom(6);
    const threadIds = [await app.createThread(), await app.createThread()];
    const accepted: { name: string; threadId: string; turnId: string }[] = [];
    const seen = new Map<string, SseFrame[]>(threadIds.map((threadId) => [threadId, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      const streams = await Promise.all(
        threadIds.map((threadId) => app.stream(threadId, `?after=${seen.get(threadId)?.at(-1)?.id ?? '0'}`)),
      );
      const submitting = threadIds.map((threadId, index) =>
        submitUntilRefused(threadId, `r${String(round)}t${String(index)}`),
      );
      await delay(random() * LONGEST_MS);
      await app.server.signal('SIGKILL');
      accepted.push(...(await Promise.all(submitting)).flat());
      for (const [index, stream] of streams.entries()) {
        await stream.ended;
        seen.get(threadIds[index] ?? '')?.push(...stream.events);
      }
      await app.restart();
    }
    // However the kills fell, these run to their end.
    for (const [index, threadId] of threadIds.entries()) {
      const name = `last${String(index)}`;
      const turn = await app.submit(threadId, `run: echo ${name} >> runs.txt`);
      accepted.push({ name, threadId, turnId: turn.turn_id });
    }
    expect(accepted.length).toBeGreaterThan(ROUNDS);
    await Promise.all(threadIds.map((threadId) => expectAllEnded(threadId, seen.get(threadId) ?? [])));

    const lines = readFileSync(join(app.scratch.workspace, 'runs.txt'), 'utf8').trim().split('\n');
    expect(lines).toEqual([...new Set(lines)]);
    for (const threadId of threadIds) {
      const turns = await allTurns(threadId);
      const own = accepted.filter((turn) => turn.threadId === threadId);
      const statuses = own.map(({ turnId }) =>
        turns.filter((turn) => turn.turn_id === turnId).map(({ status }) => status),
      );
      expect(statuses.filter((found) => found.length !== 1)).toEqual([]);
      expect(statuses.flat().filter((status) => status !== 'completed' && status !== 'interrupted')).toEqual([]);
      const completed = own.filter((_, index) => statuses[index]?.[0] === 'completed');
      expect(completed.filter(({ name }) => !lines.includes(name))).toEqual([]);
    }
  }, 60_000);

  /** A few turns one after the other, as long as the server takes them. */
  async function submitUntilRefused(
    threadId: string,
    prefix: string,
  ): Promise<{ name: string; threadId: string; turnId: string }[]> {
    const accepted = [];
    for (let count = 0; count < 4; count += 1) {
      const name = `${prefix}n${String(count)}`;
      try {
        const turn = await app.submit(threadId, `run: echo ${name} >> runs.txt`);
        accepted.push({ name, threadId, turnId: turn.turn_id });
      } catch {
        break;
      }
    }
    return accepted;
  }

  /** Follows the thread until every turn on its stream has ended, and checks that nothing seen before has changed. */
  async function expectAllEnded(threadId: string, seen: readonly SseFrame[]): Promise<void> {
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('stream/live');
    for (const { turn_id: turnId } of await allTurns(threadId)) {
      await stream.turnEnd(String(turnId));
    }
    stream.close();
    expect(bytesOf(stream.events).slice(0, seen.length)).toEqual(bytesOf(seen));
    expect(stream.events.map(({ id }) => id)).toEqual(stream.events.map((_, index) => String(index + 1)));
    const ends = stream.events.filter(({ event }) => event === 'turn/completed').map(({ data }) => data.turn_id);
    expect(ends).toEqual([...new Set(ends)]);
  }

  async function allTurns(threadId: string): Promise<Json[]> {
    const answer = await app.get(`/api/v2/threads/${threadId}/turns?limit=100`).expect(200);
    return (answer.body as { data: Json[] }).data;
  }
});
