import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Response } from 'supertest';
import { App, type Json } from '../support/start-app.js';

let app: App;

beforeAll(async () => {
  app = await App.start({ env: { HOME: '/var/empty' } });
});

afterAll(async () => {
  await app.stop();
});

interface Turn extends Json {
  id: string;
  status: string;
  items: Json[];
}
interface Thread extends Json {
  id: string;
  turns: Turn[];
}

const text = (words: string): Json => ({ type: 'text', text: words });
const outcome = ({ status, body }: Response): unknown[] => [status, (body as Json).code];

async function start(options: object = {}): Promise<Thread> {
  const answer = await app.post('/api/thread/start', options).expect(200);
  return (answer.body as { thread: Thread }).thread;
}

async function run(threadId: string, script: string, more: object = {}): Promise<Turn> {
  const answer = await app.post('/api/turn/start', { threadId, input: [text(script)], ...more }).expect(200);
  return (answer.body as { turn: Turn }).turn;
}

async function read(threadId: string): Promise<Thread> {
  const answer = await app.post('/api/thread/read', { threadId, includeTurns: true }).expect(200);
  return (answer.body as { thread: Thread }).thread;
}

describe('a thread', () => {
  it("is started in the engine's own shape, and is there for everybody", async () => {
    const answer = await app.post('/api/thread/start', { cwd: app.scratch.workspace, approvalPolicy: 'never' });
    const { thread, ...rest } = answer.body as { thread: Thread };
    expect([answer.status, rest]).toEqual([
      200,
      {
        model: 'scripted-model',
        modelProvider: 'scripted',
        cwd: app.scratch.workspace,
        approvalPolicy: 'never',
        sandbox: expect.objectContaining({ type: expect.any(String) as string }) as unknown,
        reasoningEffort: null,
      },
    ]);
    expect(thread).toMatchObject({
      preview: '',
      createdAt: expect.any(Number) as number,
      modelProvider: 'scripted',
      cwd: app.scratch.workspace,
      status: { type: 'idle' },
      path: null,
      turns: [],
    });
    const native = await app.get(`/api/v2/threads/${thread.id}`).expect(200);
    expect(native.body).toMatchObject({ approval_policy: 'never', metadata: { dialect: 'bridge' } });
  });

  it('is read with its turns only where they are asked for', async () => {
    const { id } = await start();
    const turn = await run(id, 'say: Hello.');
    const bare = await app.post('/api/thread/read', { threadId: id }).expect(200);
    expect((bare.body as { thread: Thread }).thread.turns).toEqual([]);
    expect(await read(id)).toMatchObject({ id, preview: 'say: Hello.', turns: [turn] });
  });

  it('is forked up to a turn, and each goes its own way', async () => {
    const { id } = await start();
    const first = await run(id, 'say: One.');
    await run(id, 'say: Two.');
    const answer = await app.post('/api/thread/fork', { threadId: id, lastTurnId: first.id }).expect(200);
    const fork = (answer.body as { thread: Thread }).thread;
    expect(fork).toMatchObject({ forkedFromId: id, turns: [first] });
    await run(fork.id, 'say: Three.');
    expect((await read(fork.id)).turns).toHaveLength(2);
    expect((await read(id)).turns).toHaveLength(2);
  });

  it('is resumed with other options, also in another life of the server', async () => {
    const { id } = await start();
    await run(id, 'say: Before.');
    await app.terminate();
    await app.restart();
    const answer = await app.post('/api/thread/resume', { threadId: id, approvalPolicy: 'on-request' }).expect(200);
    expect(answer.body).toMatchObject({
      approvalPolicy: 'on-request',
      thread: { id, turns: [{ status: 'completed' }] },
    });
    await run(id, 'say: After.');
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain('Before.');
  });
});

describe('a turn', () => {
  it('is answered when it is complete, with all its items', async () => {
    const { id } = await start({ sandbox: 'workspace-write' });
    const turn = await run(id, 'think: Let me see.\nsay: First.\nrun: cat /dev/null; echo out\nsay: Done.');
    expect(turn).toMatchObject({
      status: 'completed',
      itemsView: 'full',
      error: null,
      startedAt: expect.any(Number) as number,
      completedAt: expect.any(Number) as number,
    });
    expect(turn.items.map(({ type }) => type)).toEqual([
      ...['userMessage', 'reasoning', 'agentMessage', 'commandExecution', 'agentMessage'],
    ]);
    expect(turn.items[3]).toMatchObject({ exitCode: 0, aggregatedOutput: expect.stringContaining('out') as string });
    expect((await read(id)).turns).toEqual([turn]);
  });

  it('is answered too when it failed, with the reason', async () => {
    const { id } = await start();
    const turn = await run(id, 'fail: response quota You are out of quota.');
    expect(turn).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('out of quota') as string },
    });
  });

  it('waits for an approval that is given elsewhere', async () => {
    const { id } = await start({ approvalPolicy: 'on-request', sandbox: 'workspace-write' });
    const stream = await app.stream(id);
    await stream.until('stream/live');
    const running = run(id, 'run escalated: touch ../bridged.txt because: It is outside.\nsay: Done.');
    const { data } = await stream.until('item/commandExecution/requestApproval');
    stream.close();
    await app.post(`/api/v2/threads/${id}/approvals/${String(data.approval_id)}`, { decision: 'decline' }).expect(200);
    expect((await running).items.map(({ type, status }) => [type, status])).toContainEqual([
      'commandExecution',
      'declined',
    ]);
  });

  it('takes images under a workspace root, and its own options', async () => {
    const { id } = await start();
    const path = join(app.scratch.workspace, 'dot.png');
    const dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    writeFileSync(path, Buffer.from(dot, 'base64'));
    const input = [text('say: Seen.'), { type: 'localImage', path }];
    const sandboxPolicy = { type: 'workspaceWrite', writableRoots: [app.scratch.workspace] };
    const answer = await app.post('/api/turn/start', { threadId: id, input, sandboxPolicy, effort: 'low' }).expect(200);
    expect((answer.body as { turn: Turn }).turn.items[0]?.content).toMatchObject([
      { type: 'text' },
      { type: 'localImage', path },
    ]);
    const sent = JSON.stringify(app.model.requests.at(-1)?.body);
    expect(sent).toContain('data:image/png;base64');
    expect(sent).toContain('"effort":"low"');
  });
});

describe('skills', () => {
  const folder = (): string => join(app.scratch.workspace, '.agents', 'skills', 'greet');
  const greet = async (): Promise<Json | undefined> => {
    const answer = await app.post('/api/skills/list', { forceReload: true }).expect(200);
    const entries = (answer.body as { data: { skills: Json[] }[] }).data;
    return entries.flatMap(({ skills }) => skills).find(({ name }) => name === 'greet');
  };

  beforeAll(() => {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(join(folder(), 'SKILL.md'), '---\nname: greet\ndescription: Says hello.\n---\nSay hello.\n');
  });

  it('are listed, and switched by their path, their folder or their name', async () => {
    expect(await greet()).toMatchObject({ description: 'Says hello.', enabled: true, scope: 'repo' });
    for (const [named, enabled] of [
      [{ path: folder() }, false],
      [{ path: join(folder(), 'SKILL.md') }, true],
      [{ name: 'greet' }, false],
    ] as const) {
      const answer = await app.post('/api/skills/config/write', { ...named, enabled }).expect(200);
      expect(answer.body).toEqual({ effectiveEnabled: enabled });
      expect((await greet())?.enabled).toBe(enabled);
    }
  });

  it('are 404 where there is none', async () => {
    const paths = [{ path: '/path/to/skill' }, { name: 'nobody' }];
    const answers = await Promise.all(
      paths.map((named) => app.post('/api/skills/config/write', { ...named, enabled: true })),
    );
    expect(answers.map(outcome)).toEqual([
      [404, 'not_found'],
      [404, 'not_found'],
    ]);
  });
});

describe('what is refused', () => {
  const NOBODY = '00000000-0000-7000-8000-000000000000';

  it.each(['read', 'resume', 'fork'])('is 404 for an unknown thread to %s', async (action) => {
    expect(outcome(await app.post(`/api/thread/${action}`, { threadId: NOBODY }))).toEqual([404, 'thread_not_found']);
  });

  it('is 404 for a turn in an unknown thread', async () => {
    const answer = await app.post('/api/turn/start', { threadId: 'thread_abc123', input: [text('x')] });
    expect(outcome(answer)).toEqual([404, 'thread_not_found']);
  });

  it('is 403 for folders outside the workspace roots, and for what is the operator’s', async () => {
    const outside = mkdtempSync('/var/tmp/outside-');
    const { id } = await start();
    const answers = await Promise.all([
      app.post('/api/thread/start', { cwd: outside }),
      app.post('/api/thread/start', { config: { notify: ['sh'] } }),
      app.post('/api/turn/start', { threadId: id, input: [text('x')], cwd: outside }),
      app.post('/api/turn/start', { threadId: id, input: [{ type: 'localImage', path: join(outside, 'x.png') }] }),
      app.post('/api/skills/list', { cwds: [outside] }),
    ]);
    rmSync(outside, { recursive: true });
    expect(answers.map(outcome)).toEqual(answers.map(() => [403, 'forbidden']));
  });

  it.each([
    ['/api/thread/start', { workdir: '/' }, 'workdir'],
    ['/api/thread/start', { approvalPolicy: 'sometimes' }, 'approvalPolicy'],
    ['/api/thread/read', {}, 'threadId'],
    ['/api/turn/start', { threadId: 'x', input: [] }, 'input'],
    ['/api/turn/start', { threadId: 'x', input: [{ type: 'text' }] }, 'input[0].text'],
    ['/api/skills/config/write', { enabled: true }, 'path'],
  ])('is 400 at %s for %j, which names the field', async (path, body, field) => {
    const answer = await app.post(path, body).expect(400);
    expect(answer.body).toMatchObject({
      code: 'invalid_request',
      detail: expect.any(String) as string,
      requestId: answer.headers['x-request-id'],
      errors: [{ path: field }],
    });
  });

  it('is 401 without the token, and 404 or 405 where there is nothing, in the same shape', async () => {
    const answers = [
      await app.post('/api/thread/start').set('Authorization', 'Bearer wrong'),
      await app.post('/api/thread/nothing'),
      await app.get('/api/turn/start'),
    ];
    expect(answers.map(outcome)).toEqual([
      [401, 'unauthorized'],
      [404, 'not_found'],
      [405, 'method_not_allowed'],
    ]);
    expect(answers.every(({ body }) => typeof (body as Json).detail === 'string')).toBe(true);
  });
});
