import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

describe('threads after a restart of the server', () => {
  let app: App;
  let used: string;
  let unused: string;
  let ephemeral: string;
  let archived: string;
  let before: Json;

  const read = async (threadId: string): Promise<Json> => {
    const answer = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    return answer.body as Json;
  };

  beforeAll(async () => {
    app = await App.start();
    const config = { features: { unified_exec: false, shell_tool: false } };
    const developer_instructions = 'Remember the developer.';
    used = await app.createThread({ name: 'Used', metadata: { kind: 'used' } });
    const turn = { model: 'later-model', reasoning_effort: 'high', approval_policy: 'never' };
    await app.runTurn(used, 'say: Said before.', turn);
    unused = await app.createThread({ name: 'Unused', sandbox: 'read-only', config, developer_instructions });
    ephemeral = await app.createThread({ ephemeral: true });
    await app.runTurn(ephemeral, 'say: Gone soon.');
    archived = await app.createThread({ config });
    await app.runTurn(archived, 'say: Put away.');
    await app.post(`/api/v2/threads/${archived}/archive`).expect(200);
    before = await read(used);
    await app.terminate();
    await app.restart();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('are what they were, but not loaded', async () => {
    expect(await read(used)).toEqual({ ...before, status: 'not_loaded' });
    expect((await app.get('/api/v2/threads/loaded').expect(200)).body).toEqual({ data: [], next_cursor: null });
    expect(await read(archived)).toMatchObject({ archived: true });
  });

  it('are resumed with the settings that they had, the sandbox too', async () => {
    const answer = await app.post(`/api/v2/threads/${used}/resume`).expect(200);
    const { model, approval_policy, sandbox, reasoning_effort, name, metadata } = before;
    expect(answer.body).toMatchObject({
      ...{ thread_id: used, status: 'idle', name, metadata },
      ...{ model, approval_policy, sandbox, reasoning_effort },
    });
    expect(await app.runTurn(used, 'run: touch after-restart.txt')).toMatchObject({ status: 'completed' });
    expect(existsSync(join(app.scratch.workspace, 'after-restart.txt'))).toBe(true);
    expect(app.model.requests.at(-1)?.model).toBe('later-model');
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain('Said before.');
    expect((await app.get('/api/v2/threads/loaded').expect(200)).body).toMatchObject({ data: [used] });
  });

  it('keep their id when they had no turn yet, and what they were created with', async () => {
    const turn = await app.runTurn(unused, 'say: The first.');
    expect(turn).toMatchObject({ thread_id: unused, status: 'completed' });
    const request = app.model.requests.at(-1);
    expect(JSON.stringify(request?.body.input)).toContain('Remember the developer.');
    expect(request?.tools.map(({ name }) => name)).not.toContain('exec_command');
    expect(await read(unused)).toMatchObject({ thread_id: unused, name: 'Unused', status: 'idle' });

    const stream = await app.stream(unused, '?after=0');
    await stream.until('stream/live');
    stream.close();
    const ids = stream.events.map(({ data }) => data.thread_id);
    expect([...new Set(ids)]).toEqual([unused]);
    const fork = await app.post(`/api/v2/threads/${unused}/fork`).expect(201);
    expect(fork.body).toMatchObject({ forked_from_id: unused });
    const list = await app.get('/api/v2/threads?limit=100').expect(200);
    const listed = (list.body as { data: Json[] }).data.map((thread) => thread.thread_id);
    expect(listed.sort()).toEqual([used, unused, (fork.body as Json).thread_id].sort());
  });

  it('are gone when they were ephemeral', async () => {
    const path = `/api/v2/threads/${ephemeral}`;
    const gone = { status: 404, code: 'thread_not_found', paths: [] };
    expect(await refusal(app.post(`${path}/resume`))).toEqual(gone);
    expect(await refusal(app.post(`${path}/turns`, { input: [{ type: 'text', text: 'say: No.' }] }))).toEqual(gone);
  });

  it('come out of the archive, and keep their configuration', async () => {
    await app.post(`/api/v2/threads/${archived}/unarchive`).expect(200);
    expect(await app.runTurn(archived, 'say: Back.')).toMatchObject({ status: 'completed' });
    expect(app.model.requests.at(-1)?.tools.map(({ name }) => name)).not.toContain('exec_command');
  });
});
