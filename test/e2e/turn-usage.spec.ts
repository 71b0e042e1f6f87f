import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { killEngine, untilReadiness } from '../support/engine-faults.js';
import { MetricsPage } from '../support/metrics-reader.js';
import { RawEngine } from '../support/raw-engine.js';
import { App, type Json } from '../support/start-app.js';

/** A script whose one model call uses so many tokens. */
const using = (input: number, output: number): string => `usage: ${String(input)}/0/${String(output)}/0\nsay: Done.`;

const used = (input: number, output: number): Json => ({
  input_tokens: input,
  cached_input_tokens: 0,
  output_tokens: output,
  reasoning_output_tokens: 0,
  total_tokens: input + output,
});

describe('what a turn used', () => {
  let app: App;

  const tokens = async (): Promise<number> =>
    (await MetricsPage.of(app)).value('codex_web_tokens_total', { kind: 'total' });

  async function foreignThread(...scripts: string[]): Promise<string> {
    const other = await RawEngine.start(app.scratch);
    const threadId = await other.createThread();
    for (const script of scripts) {
      await other.runTurn(threadId, script);
    }
    await other.stop();
    return threadId;
  }

  async function goOnElsewhere(threadId: string, script: string): Promise<void> {
    const other = await RawEngine.start(app.scratch);
    await other.request('thread/resume', { threadId, excludeTurns: true });
    await other.runTurn(threadId, script);
    await other.stop();
  }

  /** Runs a turn here, and checks that its end, the turn itself and the server's figures tell the same of it. */
  async function expectUsed(threadId: string, script: string, usage: Json): Promise<void> {
    const before = await tokens();
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, script);
    await stream.turnEnd(turnId);
    stream.close();
    const end = stream.frames.find(({ event }) => event === 'turn/completed');
    expect(end?.data.token_usage).toMatchObject(usage);
    const turn = await app.get(`/api/v2/threads/${threadId}/turns/${turnId}`).expect(200);
    expect((turn.body as Json).token_usage).toEqual(end?.data.token_usage);
    expect((await tokens()) - before).toBe(usage.total_tokens);
  }

  beforeAll(async () => {
    app = await App.start({ args: ['--idle-thread-timeout', '0.5'] });
  });

  afterAll(async () => {
    await app.stop();
  });

  it('is its own in a thread that another client made', async () => {
    const threadId = await foreignThread(using(9000, 90), using(8000, 80));
    await expectUsed(threadId, using(700, 7), used(700, 7));
    await expectUsed(threadId, using(600, 6), used(600, 6));
  });

  it('adds up over the calls of the turn', async () => {
    const threadId = await foreignThread(using(9000, 90));
    const script = `usage: 500/0/5/0\nrun: true\nusage: 300/0/3/0\nsay: Done.`;
    const turn = await app.runTurn(threadId, script);
    const last = app.model.requests.length;
    expect(last).toBeGreaterThan(1);
    expect((turn.token_usage as { output_tokens: number }).output_tokens).toBeGreaterThan(3);
    expect((turn.token_usage as { total_tokens: number }).total_tokens).toBeLessThan(9000);
  });

  it('is its own after another client went on with the thread', async () => {
    const threadId = await app.createThread();
    await expectUsed(threadId, using(500, 5), used(500, 5));
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('thread/closed');
    stream.close();
    await goOnElsewhere(threadId, using(7000, 70));
    await expectUsed(threadId, using(400, 4), used(400, 4));
  });

  it('is its own in a fork, also of the middle of a history', async () => {
    const threadId = await app.createThread();
    const { turn_id: first } = await app.runTurn(threadId, using(5000, 50));
    await app.runTurn(threadId, using(4000, 40));
    for (const body of [{}, { turn_id: first }]) {
      const fork = await app.post(`/api/v2/threads/${threadId}/fork`, body).expect(201);
      await expectUsed(String((fork.body as Json).thread_id), using(300, 3), used(300, 3));
    }
    const foreign = await app.post(`/api/v2/threads/${await foreignThread(using(8000, 80))}/fork`).expect(201);
    await expectUsed(String((foreign.body as Json).thread_id), using(200, 2), used(200, 2));
  });

  it('is its own after a rollback, which takes the total back', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, using(100, 1));
    await app.runTurn(threadId, using(5000, 50));
    await app.post(`/api/v2/threads/${threadId}/rollback`, { num_turns: 1 }).expect(200);
    await expectUsed(threadId, using(6000, 60), used(6000, 60));
    await app.post(`/api/v2/threads/${threadId}/rollback`, { num_turns: 1 }).expect(200);
    await expectUsed(threadId, using(50, 1), used(50, 1));
  });

  async function compact(threadId: string): Promise<Json> {
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    await app.post(`/api/v2/threads/${threadId}/compact`).expect(202);
    const started = await stream.until('turn/started');
    await stream.turnEnd(String(started.data.turn_id));
    stream.close();
    const told = stream.frames.filter(({ event }) => event === 'thread/tokenUsage/updated').map(({ data }) => data);
    const calls = told
      .filter(({ turn_id: turnId }) => turnId === started.data.turn_id)
      .map(({ token_usage: usage }) => (usage as { last: Json }).last);
    const turn = await app.get(`/api/v2/threads/${threadId}/turns/${String(started.data.turn_id)}`).expect(200);
    // What was before, the call that sums up, and the size of the context then.
    expect(calls).toHaveLength(3);
    expect((turn.body as Json).token_usage).toEqual(calls[1]);
    return (turn.body as Json).token_usage as Json;
  }

  it('is its own when the history is summed up, and after that', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, using(3000, 30));
    await compact(threadId);
    await expectUsed(threadId, using(40, 4), used(40, 4));
    const fork = await app.post(`/api/v2/threads/${threadId}/fork`).expect(201);
    await compact(String((fork.body as Json).thread_id));
    await app.post(`/api/v2/threads/${threadId}/rollback`, { num_turns: 1 }).expect(200);
    await compact(threadId);
    await compact(await foreignThread(using(2000, 20)));
  });

  it('is as far as it was told when the engine dies in the middle of it', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, using(3000, 30));
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const script = 'usage: 200/0/2/0\nrun: true\ngate: cut\nsay: never.';
    const { turn_id: turnId } = await app.submit(threadId, script);
    await app.model.reached('cut', 1);
    await stream.until('thread/tokenUsage/updated');
    await killEngine(app);
    await stream.turnEnd(turnId);
    stream.close();
    const end = stream.frames.findLast(({ event }) => event === 'turn/completed');
    const told = stream.frames.findLast(({ event }) => event === 'thread/tokenUsage/updated');
    const call = (told?.data.token_usage as { last: Json }).last;
    expect(end?.data.token_usage).toEqual(call);
    await untilReadiness(app, 200);
    await expectUsed(threadId, using(60, 6), used(60, 6));
    const cut = await app.get(`/api/v2/threads/${threadId}/turns/${turnId}`).expect(200);
    expect((cut.body as Json).token_usage).toEqual(call);
  });

  it('is its own after a restart of the server, and with a data directory that is older than the Codex home', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, using(1000, 10));
    await app.terminate();
    const older = join(app.scratch.root, 'older');
    cpSync(app.scratch.dataDir, older, { recursive: true });
    await app.restart();
    await expectUsed(threadId, using(900, 9), used(900, 9));
    await app.runTurn(threadId, using(7000, 70));
    await app.terminate();
    rmSync(app.scratch.dataDir, { recursive: true });
    cpSync(older, app.scratch.dataDir, { recursive: true });
    await app.restart();
    await expectUsed(threadId, using(30, 3), used(30, 3));
  });
});
