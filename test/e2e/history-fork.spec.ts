import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

describe('forking, rolling back and compacting', () => {
  let app: App;

  const turnsOf = async (threadId: string): Promise<Json[]> => {
    const answer = await app.get(`/api/v2/threads/${threadId}/turns?sort_direction=asc`).expect(200);
    return (answer.body as { data: Json[] }).data;
  };
  const idsOf = async (threadId: string): Promise<unknown[]> => (await turnsOf(threadId)).map((turn) => turn.turn_id);
  const threeTurns = async (more: object = {}): Promise<{ threadId: string; turnIds: string[] }> => {
    const threadId = await app.createThread(more);
    const turnIds: string[] = [];
    for (const text of ['First.', 'Second.', 'Third.']) {
      turnIds.push((await app.runTurn(threadId, `say: ${text}`)).turn_id);
    }
    return { threadId, turnIds };
  };
  const fork = async (threadId: string, body: object = {}): Promise<Json & { thread_id: string }> => {
    const answer = await app.post(`/api/v2/threads/${threadId}/fork`, body).expect(201);
    const thread = answer.body as Json & { thread_id: string };
    expect(answer.headers.location).toBe(`/api/v2/threads/${thread.thread_id}`);
    return thread;
  };
  const lastInput = (): string => JSON.stringify(app.model.requests.at(-1)?.body.input);

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('forks the whole of a thread: the same turns, and settings, in a thread of its own', async () => {
    const { threadId, turnIds } = await threeTurns({ model: 'chosen-model', approval_policy: 'never' });
    const copy = await fork(threadId);
    const source = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    const { model, approval_policy, sandbox, cwd, preview } = source.body as Json;
    expect(copy).toMatchObject({
      ...{ model, approval_policy, sandbox, cwd, preview },
      new_thread_id: copy.thread_id,
      source_thread_id: threadId,
      forked_from_id: threadId,
    });
    expect(sandbox).toMatchObject({ type: 'workspace_write', exclude_slash_tmp: true });
    const expected: Json[] = (await turnsOf(threadId)).map((turn) => ({ ...turn, thread_id: copy.thread_id }));
    expect(await turnsOf(copy.thread_id)).toEqual(expected);
    expect(expected.map((turn) => turn.turn_id)).toEqual(turnIds);

    const own = await app.runTurn(copy.thread_id, 'run: echo fork > fork.txt\nsay: Only here.');
    expect(own).toMatchObject({ status: 'completed' });
    expect(lastInput()).toContain('Third.');
    expect(await idsOf(threadId)).toEqual(turnIds);
    expect(await idsOf(copy.thread_id)).toEqual([...turnIds, own.turn_id]);
  });

  it('forks up to a turn, with options of its own', async () => {
    const { threadId, turnIds } = await threeTurns();
    const copy = await fork(threadId, { turn_id: turnIds[1], model: 'fork-model', sandbox: 'read-only' });
    expect(copy).toMatchObject({ model: 'fork-model', sandbox: { type: 'read_only' } });
    expect(await idsOf(copy.thread_id)).toEqual(turnIds.slice(0, 2));
    await app.runTurn(copy.thread_id, 'say: Branch.');
    expect(app.model.requests.at(-1)?.model).toBe('fork-model');
    expect(lastInput()).toContain('Second.');
    expect(lastInput()).not.toContain('Third.');
  });

  it('refuses a fork at a turn that runs', async () => {
    const threadId = await app.createThread();
    const first = await app.runTurn(threadId, 'say: One.');
    const { turn_id: running } = await app.submit(threadId, 'stall');
    const path = `/api/v2/threads/${threadId}/fork`;
    expect(await refusal(app.post(path, { turn_id: running }))).toMatchObject({
      status: 409,
      code: 'turn_in_progress',
    });
    expect(await idsOf((await fork(threadId, { turn_id: first.turn_id })).thread_id)).toEqual([first.turn_id]);
  });

  it('refuses a fork of nothing, from an unknown turn, or out of the workspace', async () => {
    const empty = `/api/v2/threads/${await app.createThread()}/fork`;
    expect(await refusal(app.post(empty))).toEqual({ status: 409, code: 'conflict', paths: [] });
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: One.');
    const path = `/api/v2/threads/${threadId}/fork`;
    expect(await refusal(app.post(path, { turn_id: 'unknown' }))).toMatchObject({
      status: 404,
      code: 'turn_not_found',
    });
    expect(await refusal(app.post(path, { cwd: '/etc' }))).toMatchObject({ status: 403, paths: ['cwd'] });
  });

  it.each(['turn_id', 'num_turns'])('rolls back by %s, and the model forgets too', async (by) => {
    const { threadId, turnIds } = await threeTurns();
    const to = by === 'turn_id' ? { turn_id: turnIds[0] } : { num_turns: 2 };
    const answer = await app.post(`/api/v2/threads/${threadId}/rollback`, to).expect(200);
    expect(answer.body).toMatchObject({ thread: { thread_id: threadId }, current_turn_id: turnIds[0] });
    expect(await idsOf(threadId)).toEqual(turnIds.slice(0, 1));
    const gone = `/api/v2/threads/${threadId}/turns/${turnIds[2] ?? ''}`;
    expect(await refusal(app.get(gone))).toMatchObject({ status: 404, code: 'turn_not_found' });

    const next = await app.runTurn(threadId, 'say: Anew.');
    expect(lastInput()).toContain('First.');
    expect(lastInput()).not.toContain('Second.');
    expect(await idsOf(threadId)).toEqual([turnIds[0], next.turn_id]);
  });

  it('rolls back to nothing, and to where it is', async () => {
    const { threadId, turnIds } = await threeTurns();
    const path = `/api/v2/threads/${threadId}/rollback`;
    const same = await app.post(path, { turn_id: turnIds[2] }).expect(200);
    expect(same.body).toMatchObject({ current_turn_id: turnIds[2] });
    const none = await app.post(path, { num_turns: 3 }).expect(200);
    expect(none.body).toMatchObject({ current_turn_id: null });
    expect(await turnsOf(threadId)).toEqual([]);
    expect(await app.runTurn(threadId, 'say: From the start.')).toMatchObject({ status: 'completed' });
    expect(lastInput()).not.toContain('First.');
  });

  it.each<[object, object]>([
    [{ num_turns: 2 }, { status: 400, code: 'invalid_request', paths: ['num_turns'] }],
    [{ num_turns: 0 }, { status: 400, code: 'invalid_request', paths: ['num_turns'] }],
    [{ turn_id: 'unknown' }, { status: 404, code: 'turn_not_found', paths: [] }],
    [{}, { status: 400, code: 'invalid_request', paths: ['turn_id'] }],
    [
      { turn_id: 'x', num_turns: 1 },
      { status: 400, code: 'invalid_request', paths: ['turn_id'] },
    ],
  ])('refuses to roll back a thread with one turn to %j', async (body, expected) => {
    const threadId = await app.createThread();
    const { turn_id: turnId } = await app.runTurn(threadId, 'say: One.');
    expect(await refusal(app.post(`/api/v2/threads/${threadId}/rollback`, body))).toEqual(expected);
    expect(await idsOf(threadId)).toEqual([turnId]);
  });

  it('compacts, and a turn that is submitted meanwhile runs afterwards', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: A long story.');
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    app.model.enqueue('gate: compaction\nsay: A summary.');
    await app.post(`/api/v2/threads/${threadId}/compact`).expect(202);
    await app.model.reached('compaction');
    const turn = await app.submit(threadId, 'say: After it.');
    expect(turn.status).toBe('queued');
    await stream.until('turn/queued');
    app.model.release('compaction');
    expect(await stream.turnEnd(turn.turn_id)).toMatchObject({ status: 'completed' });
    stream.close();
    const ends = stream.events.filter(({ event }) => event === 'turn/completed').map(({ data }) => data.turn_id);
    expect(ends).toHaveLength(2);
    expect(ends[1]).toBe(turn.turn_id);
    const kinds = (await turnsOf(threadId)).map(({ items }) => (items as Json[]).map(({ type }) => type));
    expect(kinds[1]).toEqual(['context_compaction']);
  });
});
