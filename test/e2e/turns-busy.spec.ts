import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../support/refusal.js';
import { type SseReader } from '../support/sse-reader.js';
import { App, type Json } from '../support/start-app.js';

const text = (script: string): object => ({ input: [{ type: 'text', text: script }] });

describe('turns on a busy thread, and interrupting them', () => {
  let app: App;
  let gateCount = 0;

  /** A thread in which a turn waits at a gate of its own. */
  const busy = async (
    after = 'say: Free.',
  ): Promise<{ path: string; threadId: string; turnId: string; gate: string; stream: SseReader }> => {
    gateCount += 1;
    const gate = `busy-${String(gateCount)}`;
    const threadId = await app.createThread();
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, `gate: ${gate}\n${after}`);
    await app.model.reached(gate);
    return { path: `/api/v2/threads/${threadId}/turns`, threadId, turnId, gate, stream };
  };
  const read = async (path: string, turnId: string): Promise<Json & { items: Json[] }> => {
    const answer = await app.get(`${path}/${turnId}`).expect(200);
    return answer.body as Json & { items: Json[] };
  };

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('queues turns in their order, and tells so', async () => {
    const { path, threadId, turnId, gate, stream } = await busy();
    const answer = await app.post(path, text('say: Second.')).expect(202);
    const second = answer.body as { turn_id: string };
    expect(second).toMatchObject({ status: 'queued', started_at: null, items: [] });
    expect(answer.headers.location).toBe(`${path}/${second.turn_id}`);
    const { turn_id: third } = await app.submit(threadId, 'say: Third.', { on_busy: 'queue' });
    const queued = stream.events.filter(({ event }) => event === 'turn/queued').map(({ data }) => data.turn_id);
    app.model.release(gate);
    await stream.turnEnd(third);
    stream.close();
    const ended = stream.events.filter(({ event }) => event === 'turn/completed').map(({ data }) => data.turn_id);
    expect(queued.length).toBeLessThanOrEqual(2);
    expect(ended).toEqual([turnId, second.turn_id, third]);
    expect(stream.events.filter(({ event }) => event === 'turn/queued').map(({ data }) => data.turn_id)).toEqual([
      second.turn_id,
      third,
    ]);
  });

  it('refuses a turn that does not want to wait, and lets one steer', async () => {
    const { path, threadId, turnId, gate, stream } = await busy();
    const refused = { status: 409, code: 'turn_in_progress', paths: [] };
    expect(await refusal(app.post(path, { ...text('say: No.'), on_busy: 'reject' }))).toEqual(refused);
    const steered = await app.submit(threadId, 'say: Steered.', { on_busy: 'steer' });
    expect(steered).toMatchObject({ turn_id: turnId, status: 'in_progress' });
    app.model.release(gate);
    await stream.turnEnd(turnId);
    stream.close();
    const { items } = await read(path, turnId);
    expect(items.filter(({ type }) => type === 'user_message')).toHaveLength(2);
    expect(items.at(-1)).toMatchObject({ type: 'agent_message', text: 'Steered.' });
    const onIdle = await app.runTurn(threadId, 'say: Idle.', { on_busy: 'reject' });
    expect(onIdle).toMatchObject({ status: 'completed' });
  });

  it('steers the turn that is named, while it runs', async () => {
    const { path, turnId, gate, stream } = await busy();
    const answer = await app.post(`${path}/${turnId}/steer`, text('say: Other way.')).expect(200);
    expect(answer.body).toMatchObject({ turn_id: turnId, status: 'in_progress' });
    const unknown = { status: 404, code: 'turn_not_found', paths: [] };
    expect(await refusal(app.post(`${path}/unknown/steer`, text('x')))).toEqual(unknown);
    expect(await refusal(app.post(`${path}/${turnId}/steer`, { input: [] }))).toMatchObject({
      status: 400,
      paths: ['input'],
    });
    app.model.release(gate);
    await stream.turnEnd(turnId);
    stream.close();
    const over = { status: 409, code: 'turn_not_active', paths: [] };
    expect(await refusal(app.post(`${path}/${turnId}/steer`, text('say: Late.')))).toEqual(over);
  });

  it('cancels a turn that waits', async () => {
    const { path, threadId, turnId, gate, stream } = await busy();
    const { turn_id: waiting } = await app.submit(threadId, 'run: touch never.txt');
    const answer = await app.post(`${path}/${waiting}/interrupt`).expect(200);
    expect(answer.body).toMatchObject({ turn_id: waiting, status: 'cancelled' });
    const told = await stream.until('turn/cancelled');
    expect(told.data).toMatchObject({ turn_id: waiting, turn: { id: waiting, status: 'cancelled' } });
    app.model.release(gate);
    await stream.turnEnd(turnId);
    stream.close();
    await app.runTurn(threadId, 'say: Next.');
    expect(existsSync(join(app.scratch.workspace, 'never.txt'))).toBe(false);
    const over = { status: 409, code: 'turn_not_active', paths: [] };
    expect(await refusal(app.post(`${path}/${waiting}/interrupt`))).toEqual(over);
    expect(await refusal(app.post(`${path}/${turnId}/interrupt`))).toEqual(over);
    expect(await refusal(app.post(`${path}/interrupt`))).toEqual(over);
    expect(await refusal(app.post(`${path}/unknown/interrupt`))).toMatchObject({ status: 404, code: 'turn_not_found' });
  });

  it('keeps what was written of a message when its turn is interrupted', async () => {
    const threadId = await app.createThread();
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, 'part: Half a sentence\ngate: never\nsay: and the rest.');
    await stream.until(({ event, data }) => event === 'item/agentMessage/delta' && data.delta === ' sentence');
    await app.post(`/api/v2/threads/${threadId}/turns/interrupt`).expect(200);
    expect(await stream.turnEnd(turnId)).toMatchObject({ id: turnId, status: 'interrupted' });
    stream.close();
    const turn = await read(`/api/v2/threads/${threadId}/turns`, turnId);
    expect(turn).toMatchObject({ status: 'interrupted', error: null });
    expect(turn.items.at(-1)).toMatchObject({ type: 'agent_message', text: 'Half a sentence' });
    expect(await app.runTurn(threadId, 'say: Again.')).toMatchObject({ status: 'completed' });
  });

  it('ends the command of an interrupted turn, whose end is told under its own turn', async () => {
    const threadId = await app.createThread();
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    // The engine tells of output from the second piece on.
    const script = "run: sh -c 'for word in one two three; do echo $word; sleep 0.1; done; exec sleep 987'";
    const { turn_id: turnId } = await app.submit(threadId, script);
    await stream.until(({ event, data }) => event === 'item/commandExecution/outputDelta' && data.turn_id === turnId);
    const { turn_id: nextId } = await app.submit(threadId, 'say: Next.');
    await app.post(`/api/v2/threads/${threadId}/turns/${turnId}/interrupt`).expect(200);
    const isItsEnd = ({ event, data }: { event: string | undefined; data: Json }): boolean =>
      event === 'item/completed' && (data.item as Json).type === 'command_execution';
    const end = await stream.until(isItsEnd);
    expect(end.data).toMatchObject({ turn_id: turnId, item: { status: 'failed', exit_code: -1 } });
    await stream.turnEnd(nextId);
    stream.close();
    expect(processesWith('sleep\u0000987')).toEqual([]);
    const turns = `/api/v2/threads/${threadId}/turns`;
    expect((await read(turns, turnId)).items.map(({ type, status }) => [type, status])).toEqual([
      ['user_message', undefined],
      ['command_execution', 'failed'],
    ]);
    const next = await read(turns, nextId);
    expect([next.status, next.items.map(({ type }) => type)]).toEqual(['completed', ['user_message', 'agent_message']]);
  });

  it('interrupts a turn right after it was submitted', async () => {
    const threadId = await app.createThread();
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    for (let times = 0; times < 3; times += 1) {
      const { turn_id: turnId } = await app.submit(threadId, 'stall');
      await app.post(`/api/v2/threads/${threadId}/turns/${turnId}/interrupt`).expect(200);
      expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'interrupted' });
    }
    stream.close();
    expect(await app.runTurn(threadId, 'say: Well.')).toMatchObject({ status: 'completed' });
  });
});

/** Command lines, of all processes, that contain this. */
function processesWith(part: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(pid))
    .filter((line) => line.includes(part));
}

/** Its arguments, separated by zeros; nothing for a process that ends meanwhile. */
function commandLine(pid: string): string {
  const file = `/proc/${pid}/cmdline`;
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
