import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

describe('what a turn is given, and how it ends', () => {
  let app: App;

  const lastBody = (): Json => app.model.requests.at(-1)?.body ?? {};

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('hands texts, images, mentions and skills to the model', async () => {
    const skillFile = join(app.scratch.codexHome, 'skills', 'greeting', 'SKILL.md');
    mkdirSync(join(skillFile, '..'), { recursive: true });
    writeFileSync(skillFile, '---\nname: greeting\ndescription: Greets.\n---\nThe secret greeting is Ahoy.\n');
    const notes = join(app.scratch.workspace, 'notes.md');
    writeFileSync(notes, 'notes');
    const threadId = await app.createThread();
    const input = [
      { type: 'image', url: PIXEL },
      { type: 'mention', name: 'notes.md', path: notes },
      { type: 'skill', name: 'greeting', path: skillFile },
      { type: 'text', text: 'say: Seen.' },
    ];
    const turn = await app.runTurn(threadId, '', { input });
    expect(turn).toMatchObject({ status: 'completed', input });
    const sent = JSON.stringify(lastBody().input);
    expect(sent).toContain(PIXEL);
    expect(sent).toContain('The secret greeting is Ahoy.');
    const content = turn.items[0]?.content as Json[];
    expect(content.map(({ type }) => type)).toEqual(['image', 'mention', 'skill', 'text']);
  });

  it('takes overrides, which hold for the turns after it', async () => {
    const threadId = await app.createThread();
    const inner = join(app.scratch.workspace, 'inner');
    mkdirSync(inner);
    const options = {
      model: 'turn-model',
      reasoning_effort: 'low',
      approval_policy: 'never',
      cwd: inner,
      sandbox_policy: { type: 'workspace_write', exclude_slash_tmp: true, exclude_tmpdir_env_var: true },
    };
    await app.runTurn(threadId, 'run: pwd > here.txt', options);
    expect(lastBody().model).toBe('turn-model');
    await app.runTurn(threadId, 'say: Still.');
    expect(lastBody().model).toBe('turn-model');
    const thread = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    expect(thread.body).toMatchObject({
      model: 'turn-model',
      reasoning_effort: 'low',
      approval_policy: 'never',
      cwd: realpathSync(inner),
      sandbox: { type: 'workspace_write', exclude_slash_tmp: true, exclude_tmpdir_env_var: true },
    });
  });

  it('answers in the form that a schema asks for', async () => {
    const threadId = await app.createThread();
    const schema = {
      type: 'object',
      properties: { isGood: { type: 'boolean' }, snake_key: { type: 'string', minLength: 3 } },
      required: ['isGood', 'snake_key'],
      additionalProperties: false,
    };
    const turn = await app.runTurn(threadId, 'Is it good?', { output_schema: schema });
    expect(lastBody().text).toMatchObject({ format: { type: 'json_schema', schema } });
    expect(JSON.parse(String(turn.items.at(-1)?.text))).toEqual({ isGood: false, snake_key: 'xxx' });
    await app.runTurn(threadId, 'say: Free again.');
    expect(lastBody().text).toBeUndefined();
  });

  it('says of bad input where each fault is', async () => {
    const path = `/api/v2/threads/${await app.createThread()}/turns`;
    const input = [{ type: 'text' }, { type: 'spell' }, 3, { type: 'image', url: 'file:///etc/passwd' }];
    expect(await refusal(app.post(path, { input }))).toEqual({
      status: 400,
      code: 'invalid_request',
      paths: ['input[0].text', 'input[1].type', 'input[2]', 'input[3].url'],
    });
    const text = [{ type: 'text', text: 'x' }];
    const body = { input: text, on_busy: 'wait', output_schema: 'x', sandbox_policy: { type: 'none' }, unknown: 1 };
    expect(await refusal(app.post(path, body))).toMatchObject({
      status: 400,
      paths: ['on_busy', 'output_schema', 'sandbox_policy.type', 'unknown'],
    });
    expect(await refusal(app.post(path, {}))).toMatchObject({ status: 400, paths: ['input'] });
    expect(await refusal(app.post(path, { input: text, cwd: '/etc' }))).toMatchObject({ status: 403, paths: ['cwd'] });
    const sandbox_policy = { type: 'workspace_write', writable_roots: ['/'] };
    expect(await refusal(app.post(path, { input: text, sandbox_policy }))).toMatchObject({
      status: 403,
      paths: ['sandbox_policy.writable_roots[0]'],
    });
  });

  it.each([
    ['fail: 500 Out of order', 'high demand'],
    ['fail: response some_code Out of order', 'Out of order'],
    ['say: Begun.\ncut', 'stream disconnected'],
  ])('tells why a turn failed, and the thread goes on: %s', async (script, reason) => {
    const threadId = await app.createThread();
    const turn = await app.runTurn(threadId, script);
    expect(turn).toMatchObject({ status: 'failed', error: { message: expect.stringContaining(reason) as string } });
    expect(turn.completed_at).not.toBeNull();
    const failed = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    expect(failed.body).toMatchObject({ status: 'error', active_turn_id: null });
    expect(await app.runTurn(threadId, 'say: Well.')).toMatchObject({ status: 'completed', error: null });
    const well = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    expect(well.body).toMatchObject({ status: 'idle' });
  });

  it('counts the tokens of all model calls of a turn, and of no other turn', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'usage: 1000/1/100/1\nsay: Before.');
    const turn = await app.runTurn(threadId, 'usage: 100/10/20/5\nrun: echo a\nusage: 200/20/30/6\nsay: Done.');
    expect(turn.token_usage).toMatchObject({
      total_tokens: 350,
      input_tokens: 300,
      cached_input_tokens: 30,
      output_tokens: 50,
      reasoning_output_tokens: 11,
    });
    const thread = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    expect(thread.body).toMatchObject({ token_usage: { total: { total_tokens: 1450 } } });
  });
});
