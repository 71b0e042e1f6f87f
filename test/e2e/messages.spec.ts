import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventMsg } from '../../src/compat/messages/event-msg/event-msg.js';
import { TOKEN } from '../support/server-process.js';
import { SseReader, type SseFrame } from '../support/sse-reader.js';
import { App, type Json } from '../support/start-app.js';

const WRITE_TO_THE_WORKSPACE = [
  'sandbox_mode = "workspace-write"',
  'approval_policy = "on-request"',
  '[sandbox_workspace_write]',
  'exclude_slash_tmp = true',
  'exclude_tmpdir_env_var = true',
].join('\n');

/** Without the start-up files of whoever runs the tests, which take their time and may write to the output. */
const NO_HOME = '/var/empty';

let app: App;

beforeAll(async () => {
  app = await App.start({ config: WRITE_TO_THE_WORKSPACE, env: { HOME: NO_HOME } });
});

afterAll(async () => {
  await app.stop();
});

const send = (body: object): Promise<SseReader> =>
  SseReader.open(`${app.url}/messages`, { headers: { authorization: `Bearer ${TOKEN}` }, body });
const typesOf = (frames: readonly SseFrame[]): unknown[] => frames.map(({ data }) => data.type);
const ofType =
  (type: string) =>
  ({ data }: SseFrame): boolean =>
    data.type === type;

/** Sends, and resolves with all frames once the server has ended the stream. */
async function run(message: string, more: object = {}): Promise<SseFrame[]> {
  const stream = await send({ type: 'user_message', message, ...more });
  await stream.ended;
  return stream.frames;
}

const sessionOf = (frames: readonly SseFrame[]): string => String(frames[0]?.data.session_id);

/** What the model was asked last, as one text. */
const lastPrompt = (): string => JSON.stringify(app.model.requests.at(-1)?.body.input);

describe('user_message', () => {
  it('streams a run from session_configured to task_complete, deltas included', async () => {
    const frames = await run('say: Hello there.');
    const types = typesOf(frames);
    expect(types[0]).toBe('session_configured');
    expect(types.filter((type) => type !== 'token_count' && type !== 'warning')).toEqual([
      ...['session_configured', 'task_started', 'user_message'],
      ...['agent_message_delta', 'agent_message_delta', 'agent_message', 'task_complete'],
    ]);
    expect(
      frames
        .filter(ofType('agent_message_delta'))
        .map(({ data }) => data.delta)
        .join(''),
    ).toBe('Hello there.');
    expect(frames.at(-1)?.data).toMatchObject({ type: 'task_complete', last_agent_message: 'Hello there.' });
    expect(frames.filter(({ data }) => !eventMsg.safeParse(data).success)).toEqual([]);
    expect(frames.every(({ event }) => event === undefined)).toBe(true);
  });

  it('begins a thread that is there for everybody, with the numbers of its events as ids', async () => {
    const frames = await run('say: Shared.', { id: 'my-request' });
    const id = sessionOf(frames);
    const answer = await app.get(`/api/v2/threads/${id}`).expect(200);
    expect(answer.body).toMatchObject({
      thread_id: id,
      cwd: app.scratch.workspace,
      metadata: { dialect: 'messages', request_id: 'my-request' },
    });
    const stream = await app.stream(id, '?after=0');
    await stream.until('stream/live');
    stream.close();
    const completed = stream.frames.find(({ event }) => event === 'turn/completed');
    expect(frames.at(-1)?.id).toBe(completed?.id);
  });

  it('runs commands and patches, and shows them, their output and the diff', async () => {
    const patch = '*** Begin Patch\n*** Add File: notes.txt\n+one\n*** End Patch';
    const frames = await run(`run: printf made; echo made > made.txt\npatch: ${patch}`);
    const types = typesOf(frames);
    expect(types).toEqual(
      expect.arrayContaining([
        'exec_command_begin',
        'exec_command_end',
        'patch_apply_begin',
        'patch_apply_end',
        'turn_diff',
      ]),
    );
    const [begin, end] = ['exec_command_begin', 'exec_command_end'].map((type) => frames.find(ofType(type))?.data);
    expect(begin).toMatchObject({
      command: ['/bin/bash', '-lc', 'printf made; echo made > made.txt'],
      cwd: app.scratch.workspace,
    });
    expect(end).toMatchObject({ call_id: begin?.call_id, exit_code: 0, stdout: 'made', status: 'completed' });
    expect(frames.find(ofType('patch_apply_end'))?.data).toMatchObject({
      success: true,
      changes: { [join(app.scratch.workspace, 'notes.txt')]: { type: 'add', content: 'one\n' } },
    });
    expect(frames.find(ofType('turn_diff'))?.data.unified_diff).toContain('+one');
    expect(readFileSync(join(app.scratch.workspace, 'notes.txt'), 'utf8')).toBe('one\n');
    expect(frames.filter(({ data }) => !eventMsg.safeParse(data).success)).toEqual([]);
  });

  it('works in work_dir, which has to lie under a workspace root', async () => {
    const inside = join(app.scratch.workspace, 'inner');
    mkdirSync(inside);
    const frames = await run('run: pwd', { work_dir: inside });
    expect(frames[0]?.data.cwd).toBe(inside);
    const outside = mkdtempSync('/var/tmp/outside-');
    const answer = await app.post('/messages', { type: 'user_message', message: 'x', work_dir: outside }).expect(403);
    rmSync(outside, { recursive: true });
    expect(answer.body).toMatchObject({ type: 'error', code: 'forbidden', errors: [{ path: 'work_dir' }] });
  });

  it('goes on when its client leaves', async () => {
    const stream = await send({ type: 'user_message', message: 'say: Begun.\ngate: left\nsay: Ended.' });
    await stream.until(ofType('task_started'));
    stream.close();
    const events = await app.stream(sessionOf(stream.frames), '?after=0');
    app.model.release('left');
    const end = await events.until('turn/completed');
    events.close();
    expect(end.data.turn).toMatchObject({ status: 'completed' });
  });

  it('tells why a run failed, and is complete then', async () => {
    const frames = await run('fail: response quota You are out of quota.');
    expect(
      typesOf(frames)
        .filter((type) => type !== 'warning')
        .slice(-2),
    ).toEqual(['error', 'task_complete']);
    expect(frames.filter(ofType('error'))).toHaveLength(1);
    expect(frames.at(-1)?.data.last_agent_message).toBeNull();
  });
});

describe('user_confirm', () => {
  const ask = 'run escalated: touch ../asked.txt because: It is outside.\nsay: Went on.';
  const asked = (): string => join(app.scratch.root, 'asked.txt');

  it('approves what the agent asked in the session, which goes on', async () => {
    const stream = await send({ type: 'user_message', message: ask });
    const { data: question } = await stream.until(ofType('exec_approval_request'));
    const id = sessionOf(stream.frames);
    const pending = await app.get(`/api/v2/threads/${id}/approvals`);
    expect((pending.body as { data: Json[] }).data).toMatchObject([
      { approval_id: question.approval_id, status: 'pending', item_id: question.call_id },
    ]);
    const answer = await app.post('/messages', { type: 'user_confirm', id }).expect(200);
    expect(answer.body).toEqual({ type: 'user_confirm', id, approval_id: question.approval_id, decision: 'approve' });
    await stream.ended;
    expect(question).toMatchObject({ command: ['/bin/bash', '-lc', 'touch ../asked.txt'], reason: 'It is outside.' });
    expect(stream.frames.at(-1)?.data).toMatchObject({ type: 'task_complete', last_agent_message: 'Went on.' });
    expect(existsSync(asked())).toBe(true);
    rmSync(asked());
  });

  it('declines it by the id of the question', async () => {
    const stream = await send({ type: 'user_message', message: ask });
    const { data: question } = await stream.until(ofType('exec_approval_request'));
    await app.post('/messages', { type: 'user_confirm', id: question.approval_id, message: 'decline' }).expect(200);
    await stream.ended;
    expect(stream.frames.find(ofType('exec_command_end'))?.data).toMatchObject({ status: 'declined', exit_code: -1 });
    expect(stream.frames.at(-1)?.data).toMatchObject({ type: 'task_complete', last_agent_message: 'Went on.' });
    expect(existsSync(asked())).toBe(false);
    const again = await app.post('/messages', { type: 'user_confirm', id: question.approval_id });
    expect([again.status, again.body]).toEqual([409, expect.objectContaining({ code: 'already_answered' })]);
  });

  it('may be given through the native API too', async () => {
    const stream = await send({ type: 'user_message', message: ask });
    const { data: question } = await stream.until(ofType('exec_approval_request'));
    const path = `/api/v2/threads/${sessionOf(stream.frames)}/approvals/${String(question.approval_id)}`;
    await app.post(path, { decision: 'cancel' }).expect(200);
    await stream.ended;
    expect(stream.frames.at(-1)?.data).toMatchObject({ type: 'turn_aborted', reason: 'interrupted' });
  });

  it('is refused where nothing is asked, or nothing is known', async () => {
    const id = sessionOf(await run('say: Done.'));
    const refused = [id, 'nobody'].map((session) => app.post('/messages', { type: 'user_confirm', id: session }));
    const answers = await Promise.all(refused);
    expect(answers.map(({ status, body }) => [status, (body as Json).code])).toEqual([
      [404, 'approval_not_found'],
      [404, 'thread_not_found'],
    ]);
  });
});

describe('user_cancel', () => {
  it('interrupts the run, whose stream says so; it is found by the id of the request too', async () => {
    const stream = await send({ type: 'user_message', message: 'say: On it.\nstall', id: 'to-cancel' });
    await stream.until(ofType('agent_message_delta'));
    const answer = await app.post('/messages', { type: 'user_cancel', id: 'to-cancel' }).expect(200);
    await stream.ended;
    const turnId = stream.frames.find(ofType('task_started'))?.data.turn_id;
    expect(answer.body).toEqual({ type: 'user_cancel', id: sessionOf(stream.frames), turn_id: turnId });
    expect(stream.frames.at(-1)?.data).toEqual({ type: 'turn_aborted', turn_id: turnId, reason: 'interrupted' });
    const again = await app.post('/messages', { type: 'user_cancel', id: 'to-cancel' });
    expect([again.status, again.body]).toEqual([409, expect.objectContaining({ code: 'turn_not_active' })]);
  });
});

describe('user_edit', () => {
  it('puts another message in the place of the last one and runs it', async () => {
    const id = sessionOf(await run('say: First answer.\nplease'));
    const stream = await send({ type: 'user_edit', id, message: 'say: Second answer.' });
    await stream.ended;
    expect(typesOf(stream.frames.slice(0, 3))).toEqual(['session_configured', 'thread_rolled_back', 'task_started']);
    expect(stream.frames[0]?.data.session_id).toBe(id);
    expect(stream.frames.at(-1)?.data.last_agent_message).toBe('Second answer.');
    expect(lastPrompt()).not.toContain('First answer');
    const turns = await app.get(`/api/v2/threads/${id}/turns`);
    expect((turns.body as { data: Json[] }).data).toHaveLength(1);
  });

  it('goes back to an earlier message by its turn', async () => {
    const first = await run('say: One.');
    const id = sessionOf(first);
    await app.runTurn(id, 'say: Two.');
    await app.runTurn(id, 'say: Three.');
    const turns = await app.get(`/api/v2/threads/${id}/turns?sort_direction=asc`);
    const second = (turns.body as { data: { turn_id: string }[] }).data[1]?.turn_id;
    const stream = await send({ type: 'user_edit', id, message: 'say: Other.', turn_id: second });
    await stream.ended;
    expect(stream.frames[1]?.data).toEqual({ type: 'thread_rolled_back', num_turns: 2 });
    expect(['One.', 'Two.', 'Three.', 'Other.'].filter((text) => lastPrompt().includes(text))).toEqual([
      'One.',
      'Other.',
    ]);
  });

  it('interrupts a run that is going on, whose stream ends', async () => {
    const stream = await send({ type: 'user_message', message: 'say: On it.\nstall' });
    await stream.until(ofType('agent_message_delta'));
    const edited = await send({ type: 'user_edit', id: sessionOf(stream.frames), message: 'say: Instead.' });
    await Promise.all([stream.ended, edited.ended]);
    expect(stream.frames.at(-1)?.data.type).toBe('turn_aborted');
    expect(edited.frames.at(-1)?.data).toMatchObject({ type: 'task_complete', last_agent_message: 'Instead.' });
  });

  it('is refused for a session or a message that is not there', async () => {
    const id = sessionOf(await run('say: Only.'));
    const edits = [{ id: 'nobody' }, { id, turn_id: 'none' }];
    const answers = await Promise.all(
      edits.map((edit) => app.post('/messages', { type: 'user_edit', message: 'x', ...edit })),
    );
    expect(answers.map(({ status, body }) => [status, (body as Json).code])).toEqual([
      [404, 'thread_not_found'],
      [404, 'turn_not_found'],
    ]);
  });
});

describe('what is no message', () => {
  it.each([
    [{}, ['type']],
    [{ type: 'agent_message', message: 'x' }, ['type']],
    [{ type: 'user_message' }, ['message']],
    [{ type: 'user_message', message: 'x', workdir: '/' }, ['workdir']],
    [{ type: 'user_cancel' }, ['id']],
    [{ type: 'user_confirm', id: 'x', message: 'maybe' }, ['message']],
  ])('is refused as an error event that names the field: %j', async (body, paths) => {
    const answer = await app.post('/messages', body).expect(400);
    const { type, code, errors } = answer.body as { type: string; code: string; errors: { path: string }[] };
    expect([type, code, errors.map(({ path }) => path)]).toEqual(['error', 'invalid_request', paths]);
  });

  it('is not even read without the token', async () => {
    const answer = await app.post('/messages', {}).set('Authorization', 'Bearer wrong').expect(401);
    expect(answer.body).toMatchObject({ type: 'error', code: 'unauthorized' });
    expect(answer.headers['www-authenticate']).toContain('Bearer');
  });
});
