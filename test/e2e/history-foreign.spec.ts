import { RawEngine } from '../support/raw-engine.js';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';
import { type WrittenRollout, writeRollout } from '../support/written-rollout.js';

interface Page {
  data: Json[];
  next_cursor: string | null;
}

const TURNS = 250;

describe('the history of a thread that another client made', () => {
  let app: App;
  let rollout: WrittenRollout;
  let path: string;

  const page = async (query: string, of = path): Promise<Page> => (await app.get(of + query).expect(200)).body as Page;
  const idsOf = ({ data }: Page): unknown[] => data.map((turn) => turn.turn_id);
  const textOf = (item: Json): string =>
    item.type === 'agent_message' ? String(item.text) : String((item.content as Json[])[0]?.text);

  async function pages(query: string, of = path): Promise<Json[]> {
    const all: Json[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const next: Page = await page(cursor === '' ? query : `${query}&cursor=${encodeURIComponent(cursor)}`, of);
      all.push(...next.data);
      cursor = next.next_cursor;
    }
    return all;
  }

  beforeAll(async () => {
    app = await App.start();
    await app.terminate();
    rollout = writeRollout(app.scratch, TURNS);
    await app.restart();
    path = `/api/v2/threads/${rollout.threadId}`;
  });

  afterAll(async () => {
    await app.stop();
  });

  it('is read page by page from either end, each turn once', async () => {
    const { turnIds } = rollout;
    expect(idsOf(await page('/turns'))).toEqual(turnIds.slice(-20).reverse());
    expect(idsOf(await page('/turns?sort_direction=asc&limit=3'))).toEqual(turnIds.slice(0, 3));
    expect((await pages('/turns?limit=100')).map((turn) => turn.turn_id)).toEqual([...turnIds].reverse());
    expect((await pages('/turns?limit=99&sort_direction=asc')).map((turn) => turn.turn_id)).toEqual(turnIds);
    const [last] = (await page('/turns?limit=1')).data;
    expect(last).toMatchObject({
      thread_id: rollout.threadId,
      status: 'completed',
      input: [{ type: 'text', text: `Question ${String(TURNS)}.` }],
      token_usage: null,
    });
    expect((last?.items as Json[]).map(textOf)).toEqual([`Question ${String(TURNS)}.`, `Answer ${String(TURNS)}.`]);
  });

  it('shows each turn by its id, and its items', async () => {
    const turnId = String(rollout.turnIds[100]);
    const turn = (await app.get(`${path}/turns/${turnId}`).expect(200)).body as Json;
    expect((turn.items as Json[]).map(textOf)).toEqual(['Question 101.', 'Answer 101.']);
    const items = await pages(`/items?turn_id=${turnId}&limit=1`);
    expect(items).toEqual((turn.items as Json[]).map((item) => ({ turn_id: turnId, item })));
    const reversed = await pages(`/items?turn_id=${turnId}&limit=1&sort_direction=desc`);
    expect(reversed).toEqual([...items].reverse());
    expect(await refusal(app.get(`${path}/turns/${rollout.threadId}`))).toMatchObject({ code: 'turn_not_found' });
  });

  it('has its items in their order, from either end', async () => {
    const texts = Array.from({ length: TURNS }, (_, index) => String(index + 1)).flatMap((number) => [
      `Question ${number}.`,
      `Answer ${number}.`,
    ]);
    const forwards = await pages('/items?limit=77');
    expect(forwards.map(({ item }) => textOf(item as Json))).toEqual(texts);
    const backwards = await page('/items?limit=3&sort_direction=desc');
    expect(backwards.data.map(({ item }) => textOf(item as Json))).toEqual(texts.slice(-3).reverse());
  });

  it('takes no cursor that is none of its own', async () => {
    const { next_cursor: cursor } = await page('/turns?limit=1');
    const forged = Buffer.from(JSON.stringify([`turns/${rollout.threadId}//desc`, 'x', null, null, 0]));
    for (const bad of ['x', `${String(cursor)}x`, forged.toString('base64url')]) {
      expect(await refusal(app.get(`${path}/turns?cursor=${bad}`))).toEqual({
        status: 400,
        code: 'invalid_request',
        paths: ['?cursor'],
      });
    }
    expect(await refusal(app.get(`${path}/items?cursor=${String(cursor)}`))).toMatchObject({ status: 400 });
  });

  it('is what its forks begin with, which go on by themselves', async () => {
    const at = String(rollout.turnIds[9]);
    const answer = await app.post(`${path}/fork`, { turn_id: at }).expect(201);
    const fork = `/api/v2/threads/${String((answer.body as Json).thread_id)}`;
    expect(idsOf(await page('/turns?limit=100', fork))).toEqual(rollout.turnIds.slice(0, 10).reverse());
    const turn = await app.runTurn(String((answer.body as Json).thread_id), 'say: In the fork.');
    expect(idsOf(await page('/turns?limit=2', fork))).toEqual([turn.turn_id, at]);
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain('Answer 10.');
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).not.toContain('Answer 11.');
    const whole = await app.post(`${path}/fork`).expect(201);
    const wholePath = `/api/v2/threads/${String((whole.body as Json).thread_id)}`;
    expect(idsOf(await page('/turns?limit=1', wholePath))).toEqual(rollout.turnIds.slice(-1));
  });

  it('goes on here, and what is run here is known as it was submitted', async () => {
    const input = [{ type: 'text', text: 'say: From here.' }];
    const turn = await app.runTurn(rollout.threadId, 'say: From here.');
    expect(turn).toMatchObject({ status: 'completed', input });
    const [last, before] = (await page('/turns?limit=2')).data;
    expect(last).toEqual(turn);
    expect(before).toMatchObject({ turn_id: rollout.turnIds.at(-1) });
    expect(last?.token_usage).toMatchObject({ output_tokens: expect.any(Number) as number });
    const forwards = await pages('/turns?limit=100&sort_direction=asc');
    expect(forwards.map((one) => one.turn_id)).toEqual([...rollout.turnIds, turn.turn_id]);
    const items = await pages('/items?limit=100');
    expect(items.slice(-2)).toEqual(turn.items.map((item) => ({ turn_id: turn.turn_id, item })));
    const fork = await app.post(`${path}/fork`).expect(201);
    const forkPath = `/api/v2/threads/${String((fork.body as Json).thread_id)}`;
    expect((await page('/turns?limit=1', forkPath)).data).toEqual([
      { ...turn, thread_id: (fork.body as Json).thread_id },
    ]);
  });

  it('has the turn that runs and those that wait at its end', async () => {
    const running = await app.submit(rollout.threadId, 'say: Begun.\ngate: foreign\nsay: Done.');
    await app.model.reached('foreign', 1);
    const waiting = await app.submit(rollout.threadId, 'say: Next.');
    const cancelled = await app.submit(rollout.threadId, 'say: Never.');
    await app.post(`${path}/turns/${cancelled.turn_id}/interrupt`).expect(200);
    const newest = await page('/turns?limit=3');
    expect(idsOf(newest)).toEqual([cancelled.turn_id, waiting.turn_id, running.turn_id]);
    expect(newest.data.map(({ status }) => status)).toEqual(['cancelled', 'queued', 'in_progress']);
    expect(idsOf(await page('/turns?status=queued'))).toEqual([waiting.turn_id]);
    expect(idsOf(await page('/turns?status=cancelled'))).toEqual([cancelled.turn_id]);
    const all = await pages('/turns?limit=40');
    expect(new Set(all.map((turn) => turn.turn_id)).size).toBe(all.length);
    const stream = await app.stream(rollout.threadId);
    await stream.until('stream/live');
    app.model.release('foreign');
    await stream.turnEnd(waiting.turn_id);
    stream.close();
    expect(idsOf(await page('/turns?limit=3'))).toEqual([cancelled.turn_id, waiting.turn_id, running.turn_id]);
    expect(idsOf(await page('/turns?limit=3&status=completed')).slice(0, 2)).toEqual([
      waiting.turn_id,
      running.turn_id,
    ]);
  });

  it('goes on from a cursor although turns were added meanwhile', async () => {
    const first = await page('/turns?limit=5');
    const added = await app.runTurn(rollout.threadId, 'say: Added.');
    const second = await page(`/turns?limit=5&cursor=${encodeURIComponent(String(first.next_cursor))}`);
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(10);
    expect(idsOf(second)).not.toContain(added.turn_id);
  });

  it('is rolled back, turns of either client alike', async () => {
    const other = await RawEngine.start(app.scratch);
    const threadId = await other.createThread();
    const turnIds: string[] = [];
    for (const text of ['say: One.', 'say: Two.', 'say: Three.']) {
      turnIds.push(await other.runTurn(threadId, text));
    }
    await other.stop();
    const { turn_id: ours } = await app.runTurn(threadId, 'say: Four.');
    const of = `/api/v2/threads/${threadId}`;
    expect(await refusal(app.post(`${of}/rollback`, { num_turns: 5 }))).toMatchObject({ paths: ['num_turns'] });
    const one = await app.post(`${of}/rollback`, { num_turns: 1 }).expect(200);
    expect((one.body as Json).current_turn_id).toBe(turnIds[2]);
    expect(await refusal(app.get(`${of}/turns/${ours}`))).toMatchObject({ code: 'turn_not_found' });
    const two = await app.post(`${of}/rollback`, { turn_id: turnIds[0] }).expect(200);
    expect((two.body as Json).current_turn_id).toBe(turnIds[0]);
    expect(await refusal(app.post(`${of}/rollback`, { turn_id: turnIds[1] }))).toMatchObject({
      code: 'turn_not_found',
    });
    const next = await app.runTurn(threadId, 'say: Instead.');
    expect(idsOf(await page('/turns?sort_direction=asc', of))).toEqual([turnIds[0], next.turn_id]);
    const none = await app.post(`${of}/rollback`, { num_turns: 2 }).expect(200);
    expect((none.body as Json).current_turn_id).toBeNull();
  });
});
