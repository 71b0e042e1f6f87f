import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

describe('creating a thread', () => {
  let app: App;

  const create = async (body: object): Promise<Json & { thread_id: string }> => {
    const answer = await app.post('/api/v2/threads', body).expect(201);
    return answer.body as Json & { thread_id: string };
  };

  beforeAll(async () => {
    app = await App.start();
    mkdirSync(join(app.scratch.workspace, 'inner'));
    symlinkSync(app.scratch.codexHome, join(app.scratch.workspace, 'way-out'));
  });

  afterAll(async () => {
    await app.stop();
  });

  it('needs nothing, and answers with where it is', async () => {
    const answer = await app.post('/api/v2/threads', {}).expect(201);
    const thread = answer.body as Json & { thread_id: string };
    expect(thread).toEqual({
      thread_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      name: null,
      preview: '',
      status: 'idle',
      active_turn_id: null,
      pending_approvals: 0,
      queued_turns: 0,
      model: 'scripted-model',
      model_provider: 'scripted',
      cwd: realpathSync(app.scratch.workspace),
      approval_policy: 'on-request',
      sandbox: { type: 'read_only', network_access: false },
      reasoning_effort: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      updated_at: expect.stringMatching(/Z$/) as string,
      archived: false,
      ephemeral: false,
      forked_from_id: null,
      metadata: {},
      token_usage: null,
      git_info: null,
      latest_seq: 1,
    });
    expect(answer.headers.location).toBe(`/api/v2/threads/${thread.thread_id}`);
    const read = await app.get(answer.headers.location ?? '').expect(200);
    expect(read.body).toEqual(thread);
  });

  it.each(['thread', 'ephemeral thread', 'fork'])(
    'answers when the beginning of the new %s is in its events',
    async (kind) => {
      const source = await app.createThread();
      await app.runTurn(source, 'say: To be forked.');
      const path = kind === 'fork' ? `/api/v2/threads/${source}/fork` : '/api/v2/threads';
      const body = kind === 'ephemeral thread' ? { ephemeral: true } : {};
      const answers = await Promise.all(Array.from({ length: 10 }, () => app.post(path, body).expect(201)));
      for (const thread of answers.map((answer) => answer.body as { thread_id: string; latest_seq: number })) {
        expect(thread.latest_seq).toBeGreaterThanOrEqual(1);
        const stream = await app.stream(thread.thread_id, '?after=0');
        await stream.until('stream/live');
        stream.close();
        expect(stream.events[0]).toMatchObject({
          id: '1',
          event: 'thread/started',
          data: { thread_id: thread.thread_id },
        });
      }
    },
  );

  it('takes every option, and the model gets what is meant for it', async () => {
    const inner = join(app.scratch.workspace, 'inner');
    const granular = {
      sandbox_approval: true,
      rules: true,
      skill_approval: false,
      request_permissions: false,
      mcp_elicitations: false,
    };
    const schema = { type: 'object', properties: { someKey: { type: 'string' } }, additionalProperties: false };
    const thread = await create({
      model: 'another-model',
      model_provider: 'scripted',
      cwd: inner,
      approval_policy: { granular },
      sandbox: 'workspace-write',
      reasoning_effort: 'high',
      config: { 'features.shell_tool': false, 'features.unified_exec': false },
      base_instructions: 'These are the base instructions.',
      developer_instructions: 'These are the instructions of the developer.',
      name: 'All of it',
      metadata: { camelCase: 'kept', snake_case: 'kept too' },
      dynamic_tools: [{ type: 'function', name: 'look_up', description: 'Looks up.', input_schema: schema }],
    });
    expect(thread).toMatchObject({
      model: 'another-model',
      model_provider: 'scripted',
      cwd: realpathSync(inner),
      approval_policy: { granular },
      sandbox: { type: 'workspace_write', writable_roots: [], network_access: false },
      reasoning_effort: 'high',
      name: 'All of it',
      metadata: { camelCase: 'kept', snake_case: 'kept too' },
    });

    await app.runTurn(thread.thread_id, 'say: Hello.');
    const request = app.model.requests.at(-1);
    const sent = JSON.stringify(request?.body);
    expect(request?.model).toBe('another-model');
    expect(sent).toContain('These are the base instructions.');
    expect(sent).toContain('These are the instructions of the developer.');
    expect(sent).toContain(realpathSync(inner));
    const tools = (request?.body.tools as Json[]).filter(({ name }) => name === 'look_up');
    expect(tools).toMatchObject([{ type: 'function', description: 'Looks up.', parameters: schema }]);
    expect(request?.tools.map(({ name }) => name)).not.toContain('exec_command');
  });

  it('gives an ephemeral thread, which works but is not listed', async () => {
    const { thread_id: threadId, ephemeral } = await create({ ephemeral: true });
    expect(ephemeral).toBe(true);
    expect(await app.runTurn(threadId, 'say: Here.')).toMatchObject({ status: 'completed' });
    const list = await app.get('/api/v2/threads?limit=100').expect(200);
    expect((list.body as { data: Json[] }).data.map((thread) => thread.thread_id)).not.toContain(threadId);
  });

  it('refuses a folder outside the workspace, by whatever way it is named', async () => {
    const { workspace, codexHome } = app.scratch;
    const forbidden = { status: 403, code: 'forbidden', paths: ['cwd'] };
    const ways = ['/etc', '/no/such/folder', codexHome, join(workspace, 'way-out'), `${workspace}/../codex-home`];
    for (const cwd of [...ways, `${workspace}-not`, `${workspace}/inner/../../..`]) {
      expect([cwd, await refusal(app.post('/api/v2/threads', { cwd }))]).toEqual([cwd, forbidden]);
    }
  });

  it('refuses a folder that is not there or not absolute', async () => {
    const invalid = { status: 400, code: 'invalid_request', paths: ['cwd'] };
    for (const cwd of [join(app.scratch.workspace, 'nowhere'), 'inner', '']) {
      expect([cwd, await refusal(app.post('/api/v2/threads', { cwd }))]).toEqual([cwd, invalid]);
    }
  });

  it('refuses configuration that runs programs or sends credentials elsewhere, however it is spelled', async () => {
    const spelled: [object, string][] = [
      [{ mcp_servers: { mine: { command: 'sh' } } }, 'config.mcp_servers'],
      [{ 'mcp_servers.mine.command': 'sh' }, 'config.mcp_servers.mine.command'],
      [{ model_providers: { scripted: { base_url: 'http://elsewhere' } } }, 'config.model_providers'],
      [{ notify: ['sh'] }, 'config.notify'],
      [{ hooks: {} }, 'config.hooks'],
      [{ shell_environment_policy: { inherit: 'all' } }, 'config.shell_environment_policy'],
      [{ sandbox_workspace_write: { writable_roots: ['/'] } }, 'config.sandbox_workspace_write.writable_roots'],
      [{ 'sandbox_workspace_write.writable_roots': ['/'] }, 'config.sandbox_workspace_write.writable_roots'],
      [{ '"chatgpt_base_url"': 'http://elsewhere' }, 'config.chatgpt_base_url'],
    ];
    for (const [config, path] of spelled) {
      const answer = await refusal(app.post('/api/v2/threads', { config }));
      expect([config, answer]).toEqual([config, { status: 403, code: 'forbidden', paths: [path] }]);
    }
  });

  it('says of a bad body where each fault is', async () => {
    const body = {
      model: 1,
      cwd: 2,
      approval_policy: 'sometimes',
      sandbox: 'none',
      reasoning_effort: '',
      config: [],
      ephemeral: 'yes',
      name: '',
      metadata: { a: 1 },
      dynamic_tools: ['tool'],
      unknown_field: true,
    };
    expect(await refusal(app.post('/api/v2/threads', body))).toEqual({
      status: 400,
      code: 'invalid_request',
      paths: Object.keys(body).sort(),
    });
  });

  it('reads null as absent', async () => {
    const answer = await app.post('/api/v2/threads', { name: null, metadata: null }).expect(201);
    expect(answer.body).toMatchObject({ name: null, metadata: {} });
  });

  it('refuses what is no JSON object, and a model provider that nobody knows', async () => {
    const raw = app.post('/api/v2/threads').set('content-type', 'application/json').send('{"model":');
    expect(await refusal(raw)).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(await refusal(app.post('/api/v2/threads', []))).toMatchObject({ status: 400, code: 'invalid_request' });
    const unknown = app.post('/api/v2/threads', { model_provider: 'nobody' });
    expect(await refusal(unknown)).toMatchObject({ status: 400, code: 'invalid_request' });
  });
});
