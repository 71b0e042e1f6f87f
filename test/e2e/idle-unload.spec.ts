import { type SseReader } from '../support/sse-reader.js';
import { pidsOf } from '../support/engine-processes.js';
import { App, type Json } from '../support/start-app.js';

const WEATHER = {
  type: 'function',
  name: 'weather',
  description: 'Tells the weather.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
};

describe('a thread in which nothing happens', () => {
  let app: App;
  /** Threads that stay to the end. */
  const kept: string[] = [];

  beforeAll(async () => {
    app = await App.start({ args: ['--idle-thread-timeout', '0.5'] });
  });

  afterAll(async () => {
    await app.stop();
  });

  const read = async (threadId: string): Promise<Json> =>
    (await app.get(`/api/v2/threads/${threadId}`).expect(200)).body as Json;

  const loaded = async (): Promise<string[]> =>
    ((await app.get('/api/v2/threads/loaded?limit=100').expect(200)).body as { data: string[] }).data;

  async function untilClosed(threadId: string): Promise<SseReader> {
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('thread/closed');
    return stream;
  }

  /** As long as it takes for a thread that is used now to be unloaded. */
  async function aWhile(): Promise<void> {
    const threadId = await app.createThread();
    (await untilClosed(threadId)).close();
  }

  const lastRequest = (): string => JSON.stringify(app.model.requests.at(-1)?.body);

  it('leaves the engine, says so on its stream, and the next turn goes on where it was', async () => {
    const threadId = await app.createThread({
      approval_policy: 'on-request',
      developer_instructions: 'Speak like a gardener.',
      dynamic_tools: [WEATHER],
      metadata: { owner: 'ann' },
    });
    await app.runTurn(threadId, 'say: Remember the word heliotrope.');
    const before = await read(threadId);
    const stream = await untilClosed(threadId);
    const { name, preview, cwd, model, sandbox, approval_policy: policy, metadata, token_usage: usage } = before;
    const lasting = { name, preview, cwd, model, sandbox, approval_policy: policy, metadata };
    expect(await read(threadId)).toMatchObject({ ...lasting, token_usage: usage, status: 'not_loaded' });
    expect(await loaded()).not.toContain(threadId);
    expect(stream.events.slice(-2)).toMatchObject([
      { event: 'thread/status/changed', data: { status: { type: 'not_loaded' } } },
      { event: 'thread/closed', data: { thread_id: threadId } },
    ]);

    const script = 'call: weather {"city":"Bern"}\nrun escalated: echo out because: May I?\nsay: Rain, then.';
    const { turn_id: turnId } = await app.submit(threadId, script);
    const call = await stream.until('item/tool/call');
    const result = { content: [{ type: 'text', text: 'Rain.' }], success: true };
    const approvals = `/api/v2/threads/${threadId}/approvals`;
    await app.post(`${approvals}/${String(call.data.approval_id)}`, { decision: 'approve', result }).expect(200);
    const question = await stream.until('item/commandExecution/requestApproval');
    await app.post(`${approvals}/${String(question.data.approval_id)}`, { decision: 'approve' }).expect(200);
    expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    stream.close();
    expect(stream.events.map(({ id }) => id)).toEqual(stream.events.map((_event, index) => String(index + 1)));
    expect(stream.names).not.toContain('engine/restarted');
    for (const word of ['heliotrope', 'Speak like a gardener.', 'Tells the weather.', 'Rain.']) {
      expect(lastRequest()).toContain(word);
    }
    // It may have left again by now, so that what it said just before the turn's end counts.
    const end = stream.names.lastIndexOf('turn/completed');
    const states = stream.events.slice(0, end).filter(({ event }) => event === 'thread/status/changed');
    expect(states.at(-1)?.data.status).toMatchObject({ type: 'idle' });
    expect(await read(threadId)).toMatchObject(lasting);
  });

  it('keeps its id and what it was made with when it leaves before its first turn', async () => {
    const threadId = await app.createThread({
      developer_instructions: 'Speak like a sailor.',
      dynamic_tools: [WEATHER],
    });
    (await untilClosed(threadId)).close();
    expect(await read(threadId)).toMatchObject({ thread_id: threadId, status: 'not_loaded' });
    expect(await app.runTurn(threadId, 'say: Ahoy.')).toMatchObject({ status: 'completed', thread_id: threadId });
    expect(lastRequest()).toContain('Speak like a sailor.');
    expect(lastRequest()).toContain('Tells the weather.');
  });

  it('is resumed, forked, renamed and rolled back as if it were loaded', async () => {
    const threadId = await app.createThread();
    const first = await app.runTurn(threadId, 'say: One.');
    await app.runTurn(threadId, 'say: Two.');
    const path = `/api/v2/threads/${threadId}`;
    const untilUnloaded = async (): Promise<void> => {
      await aWhile();
      expect(await read(threadId)).toMatchObject({ status: 'not_loaded' });
    };
    await untilUnloaded();
    await app.patch(path, { name: 'renamed' }).expect(200);
    await untilUnloaded();
    const fork = (await app.post(`${path}/fork`, { turn_id: first.turn_id }).expect(201)).body as Json;
    await untilUnloaded();
    await app.post(`${path}/rollback`, { num_turns: 1 }).expect(200);
    expect(await read(threadId)).toMatchObject({ name: 'renamed' });
    for (const threadOrFork of [threadId, String(fork.thread_id)]) {
      await app.runTurn(threadOrFork, 'say: Three.');
      expect(lastRequest()).toContain('One.');
      expect(lastRequest()).not.toContain('Two.');
    }
  });

  it('stays while an approval waits, while a turn runs and while one waits', async () => {
    const [asking, running] = [await app.createThread(), await app.createThread()];
    const [askingStream, runningStream] = [await app.stream(asking, '?after=0'), await app.stream(running, '?after=0')];
    const asked = await app.submit(asking, 'run escalated: echo yes because: it asks');
    const runs = await app.submit(running, 'gate: later\nsay: Ran on.');
    const waits = await app.submit(running, 'say: Waited.');
    const question = await askingStream.until('item/commandExecution/requestApproval');
    await app.model.reached('later');
    await aWhile();
    await aWhile();
    expect(await loaded()).toEqual([asking, running].sort());
    app.model.release('later');
    await app
      .post(`/api/v2/threads/${asking}/approvals/${String(question.data.approval_id)}`, { decision: 'approve' })
      .expect(200);
    expect(await askingStream.turnEnd(asked.turn_id)).toMatchObject({ status: 'completed' });
    expect(await runningStream.turnEnd(runs.turn_id)).toMatchObject({ status: 'completed' });
    expect(await runningStream.turnEnd(waits.turn_id)).toMatchObject({ status: 'completed' });
    askingStream.close();
    runningStream.close();
  });

  it('stays while a command that it left running does, and when it is ephemeral', async () => {
    const [threadId, ephemeral] = [await app.createThread(), await app.createThread({ ephemeral: true })];
    kept.push(threadId, ephemeral);
    const seconds = String(40_000 + process.pid);
    await app.runTurn(
      threadId,
      `call: exec_command ${JSON.stringify({ cmd: `sleep ${seconds}`, yield_time_ms: 250 })}`,
    );
    await app.runTurn(ephemeral, 'say: Remember the word periwinkle.');
    await aWhile();
    await aWhile();
    expect(await loaded()).toEqual([threadId, ephemeral].sort());
    expect(pidsOf(`sleep ${seconds}`)).not.toEqual([]);
    await app.runTurn(ephemeral, 'say: Which word?');
    expect(lastRequest()).toContain('periwinkle');
  });

  it('stays while an agent works for it, and both leave when that is done', async () => {
    const threadId = await app.createThread({ config: { 'features.multi_agent': true } });
    const call = JSON.stringify({ task_name: 'helper', message: 'gate: agent\nsay: Helped.' });
    await app.runTurn(threadId, `call: spawn_agent ${call}\nsay: Somebody does it.`);
    await app.model.reached('agent');
    await aWhile();
    await aWhile();
    const before = await loaded();
    expect(before).toContain(threadId);
    app.model.release('agent');
    (await untilClosed(threadId)).close();
    await aWhile();
    expect(await loaded()).not.toContain(threadId);
    const [agent = ''] = before.filter((id) => id !== threadId && !kept.includes(id));
    expect((await loaded()).filter((id) => !kept.includes(id))).toEqual([]);
    expect(await read(agent)).toMatchObject({ status: 'not_loaded' });
  });
});
