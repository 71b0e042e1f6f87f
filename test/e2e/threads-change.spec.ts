import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

const UNKNOWN = '01a1fc1b-0000-7000-8000-000000000000';

describe('changing a thread', () => {
  let app: App;

  const read = async (threadId: string): Promise<Json> => {
    const answer = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    return answer.body as Json;
  };
  const listed = async (query = ''): Promise<unknown[]> => {
    const answer = await app.get(`/api/v2/threads?limit=100${query}`).expect(200);
    return (answer.body as { data: Json[] }).data.map((thread) => thread.thread_id);
  };

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('renames it and replaces its metadata, each alone or both', async () => {
    const threadId = await app.createThread({ name: 'Before', metadata: { a: '1', b: '2' } });
    const path = `/api/v2/threads/${threadId}`;
    const renamed = await app.patch(path, { name: 'After' }).expect(200);
    expect(renamed.body).toMatchObject({ name: 'After', metadata: { a: '1', b: '2' } });
    await app.runTurn(threadId, 'say: Now it is on disk.');
    await app.patch(path, { metadata: { c: '3' } }).expect(200);
    expect(await read(threadId)).toMatchObject({ name: 'After', metadata: { c: '3' } });
    await app.patch(path, { name: 'At last', metadata: {} }).expect(200);
    expect(await read(threadId)).toMatchObject({ name: 'At last', metadata: {} });
    expect(await listed('&search=at%20last')).toEqual([threadId]);
  });

  it('refuses a change that is none', async () => {
    const path = `/api/v2/threads/${await app.createThread()}`;
    const invalid = { status: 400, code: 'invalid_request' };
    expect(await refusal(app.patch(path, { name: '' }))).toEqual({ ...invalid, paths: ['name'] });
    expect(await refusal(app.patch(path, { name: null, metadata: null }))).toEqual({
      ...invalid,
      paths: ['metadata', 'name'],
    });
    expect(await refusal(app.patch(path, { cwd: '/' }))).toEqual({ ...invalid, paths: ['cwd'] });
  });

  it.each(['with a turn', 'without a turn'])('deletes a thread %s for good, and its streams end', async (kind) => {
    const threadId = await app.createThread();
    if (kind === 'with a turn') {
      await app.runTurn(threadId, 'say: Soon gone.');
    }
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    await app.delete(`/api/v2/threads/${threadId}`).expect(204);
    await stream.ended;
    expect(stream.names.at(-1)).toBe('thread/deleted');
    expect(await listed()).not.toContain(threadId);
    const gone = { status: 404, code: 'thread_not_found', paths: [] };
    const path = `/api/v2/threads/${threadId}`;
    expect(await refusal(app.get(path))).toEqual(gone);
    expect(await refusal(app.delete(path))).toEqual(gone);
    expect(await refusal(app.get(`${path}/turns`))).toEqual(gone);
    expect(await refusal(app.get(`${path}/events`))).toEqual(gone);
    expect(await refusal(app.post(`${path}/turns`, { input: [{ type: 'text', text: 'say: No.' }] }))).toEqual(gone);
  });

  it('refuses to delete, archive or roll back a thread in which a turn runs', async () => {
    const threadId = await app.createThread();
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, 'gate: busy\nsay: Free.');
    await app.model.reached('busy');
    const busy = { status: 409, code: 'turn_in_progress', paths: [] };
    const path = `/api/v2/threads/${threadId}`;
    expect(await refusal(app.delete(path))).toEqual(busy);
    expect(await refusal(app.post(`${path}/archive`))).toEqual(busy);
    expect(await refusal(app.post(`${path}/rollback`, { num_turns: 1 }))).toEqual(busy);
    expect(await refusal(app.post(`${path}/compact`))).toEqual(busy);
    expect(await refusal(app.post(`${path}/resume`, { sandbox: 'read-only' }))).toEqual(busy);
    const resumed = await app.post(`${path}/resume`).expect(200);
    expect(resumed.body).toMatchObject({ status: 'active', active_turn_id: turnId });
    app.model.release('busy');
    await stream.turnEnd(turnId);
    stream.close();
    await app.delete(path).expect(204);
  });

  it('keeps a thread whose history a fork has, until the fork is gone', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Shared.');
    const answer = await app.post(`/api/v2/threads/${threadId}/fork`).expect(201);
    const forkId = (answer.body as { thread_id: string }).thread_id;
    expect(await refusal(app.delete(`/api/v2/threads/${threadId}`))).toMatchObject({ status: 409, code: 'conflict' });
    expect(await app.runTurn(threadId, 'say: Still here.')).toMatchObject({ status: 'completed' });
    await app.delete(`/api/v2/threads/${forkId}`).expect(204);
    await app.delete(`/api/v2/threads/${threadId}`).expect(204);
  });

  it.each(['with a turn', 'without a turn'])('archives a thread %s and takes it out again', async (kind) => {
    const threadId = await app.createThread();
    if (kind === 'with a turn') {
      await app.runTurn(threadId, 'say: For the archive.');
    }
    const path = `/api/v2/threads/${threadId}`;
    for (let times = 0; times < 2; times += 1) {
      const archived = await app.post(`${path}/archive`).expect(200);
      expect(archived.body).toMatchObject({ thread_id: threadId, archived: true });
    }
    expect(await listed()).not.toContain(threadId);
    expect(await listed('&archived=true')).toEqual([threadId]);
    const back = await app.post(`${path}/unarchive`).expect(200);
    expect(back.body).toMatchObject({ thread_id: threadId, archived: false });
    expect(await listed('&archived=true')).toEqual([]);
    expect(await app.runTurn(threadId, 'say: Back.')).toMatchObject({ status: 'completed' });
    expect(await listed()).toContain(threadId);
  });

  it('resumes a loaded thread as often as one likes, and takes overrides', async () => {
    const threadId = await app.createThread();
    const path = `/api/v2/threads/${threadId}`;
    const first = await app.post(`${path}/resume`).expect(200);
    const second = await app.post(`${path}/resume`, {}).expect(200);
    expect({ ...(second.body as Json), latest_seq: 0 }).toEqual({ ...(first.body as Json), latest_seq: 0 });
    await app.runTurn(threadId, 'say: One.');
    const changed = await app
      .post(`${path}/resume`, { model: 'next-model', approval_policy: 'never', sandbox: 'read-only' })
      .expect(200);
    const settings = { model: 'next-model', approval_policy: 'never', sandbox: { type: 'read_only' } };
    expect(changed.body).toMatchObject({ thread_id: threadId, ...settings });
    await app.runTurn(threadId, 'say: Two.');
    expect(app.model.requests.at(-1)?.model).toBe('next-model');
    expect(await read(threadId)).toMatchObject(settings);
  });

  it('refuses overrides that are not allowed', async () => {
    const path = `/api/v2/threads/${await app.createThread()}`;
    expect(await refusal(app.post(`${path}/resume`, { cwd: '/etc' }))).toMatchObject({ status: 403, paths: ['cwd'] });
    expect(await refusal(app.post(`${path}/resume`, { config: { notify: ['sh'] } }))).toMatchObject({ status: 403 });
    expect(await refusal(app.post(`${path}/resume`, { name: 'x' }))).toMatchObject({ status: 400, paths: ['name'] });
  });

  it.each([UNKNOWN, 'no-id', '..%2F..%2Fetc'])('answers 404 for a thread that is not there: %s', async (threadId) => {
    const gone = { status: 404, code: 'thread_not_found', paths: [] };
    const path = `/api/v2/threads/${threadId}`;
    expect(await refusal(app.get(path))).toEqual(gone);
    expect(await refusal(app.patch(path, { name: 'x' }))).toEqual(gone);
    for (const action of ['resume', 'fork', 'archive', 'unarchive', 'compact', 'turns/interrupt']) {
      expect([action, await refusal(app.post(`${path}/${action}`))]).toEqual([action, gone]);
    }
    expect(await refusal(app.post(`${path}/rollback`, { num_turns: 1 }))).toEqual(gone);
    expect(await refusal(app.get(`${path}/items`))).toEqual(gone);
  });
});
