import { NamedClient } from '../support/named-token.js';
import { App, type Json } from '../support/start-app.js';
import { codeOf, type Door, fieldsOf, toThreadDoors } from '../support/thread-doors.js';

const SAY = [{ type: 'text', text: 'say: Done.' }];
const GRANULAR = {
  granular: {
    sandbox_approval: false,
    rules: true,
    skill_approval: true,
    request_permissions: true,
    mcp_elicitations: true,
  },
};

/** What a thread can be made with in each of the ways that lift its sandbox or its questions, and the field at fault. */
const THREAD_WAYS: [string, Json][] = [
  ['sandbox', { sandbox: 'danger-full-access' }],
  ['approval_policy', { approval_policy: 'never' }],
  ['approval_policy', { approval_policy: GRANULAR }],
  ['config.sandbox_mode', { config: { sandbox_mode: 'danger-full-access' } }],
  ['config.sandbox_mode', { config: { '"sandbox_mode"': 'danger-full-access' } }],
  ['config.approval_policy', { config: { approval_policy: 'never' } }],
  [
    'config.sandbox_workspace_write.network_access',
    { sandbox: 'workspace-write', config: { sandbox_workspace_write: { network_access: true } } },
  ],
  [
    'config.sandbox_workspace_write.network_access',
    { sandbox: 'workspace-write', config: { 'sandbox_workspace_write.network_access': true } },
  ],
];

const POLICIES: [string, Json][] = [
  ['sandbox_policy.type', { type: 'danger_full_access' }],
  ['sandbox_policy.type', { type: 'external_sandbox' }],
  ['sandbox_policy.network_access', { type: 'read_only', network_access: true }],
  ['sandbox_policy.network_access', { type: 'workspace_write', network_access: true }],
];

const camel = (text: string): string => text.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const toBridge = (field: string): string => (field.startsWith('config') ? field : camel(field));

/** The same for the bridge, whose words are in camelCase. */
function toBridgeOptions({ approval_policy: approvals, ...options }: Json): Json {
  return { ...options, ...(approvals === undefined ? {} : { approvalPolicy: approvals }) };
}

function toBridgePolicy({ type, network_access: network }: Json): Json {
  return { type: camel(String(type)), ...(network === undefined ? {} : { networkAccess: network }) };
}

type Way = Door & { field: string };

function toWays(threadId: string): Way[] {
  const path = `/api/v2/threads/${threadId}`;
  const v2 = THREAD_WAYS.flatMap(([field, body]): Way[] => [
    { name: 'create', path: '/api/v2/threads', body, field },
    { name: 'resume', path: `${path}/resume`, body, field },
    { name: 'fork', path: `${path}/fork`, body, field },
  ]);
  const turns: Way[] = [
    ...POLICIES.map(([field, policy]) => ({ field, more: { sandbox_policy: policy } })),
    { field: 'approval_policy', more: { approval_policy: 'never' } },
    { field: 'approval_policy', more: { approval_policy: GRANULAR } },
  ].flatMap(({ field, more }) =>
    ['queue', 'steer', 'reject'].map((busy) => ({
      name: `turn, ${busy}`,
      path: `${path}/turns`,
      body: { input: SAY, on_busy: busy, ...more },
      field,
    })),
  );
  const commands = POLICIES.flatMap(([field, policy]): Way[] =>
    ['/api/v2/commands/exec', '/api/v2/commands'].map((exec) => ({
      name: 'exec',
      path: exec,
      body: { command: ['true'], sandbox_policy: policy },
      field,
    })),
  );
  const bridge = THREAD_WAYS.flatMap(([field, options]): Way[] => {
    const body = toBridgeOptions(options);
    return [
      { name: 'bridge start', path: '/api/thread/start', body, field: toBridge(field) },
      { name: 'bridge resume', path: '/api/thread/resume', body: { threadId, ...body }, field: toBridge(field) },
      { name: 'bridge fork', path: '/api/thread/fork', body: { threadId, ...body }, field: toBridge(field) },
    ];
  });
  const bridgeTurns = [
    ...POLICIES.map(([field, policy]) => ({ field, more: { sandboxPolicy: toBridgePolicy(policy) } })),
    { field: 'approval_policy', more: { approvalPolicy: 'never' } },
  ].map(({ field, more }): Way => ({
    name: 'bridge turn',
    path: '/api/turn/start',
    body: { threadId, input: SAY, ...more },
    field: toBridge(field),
  }));
  const responses = (['agent', 'model'] as const).flatMap((mode) =>
    [{ codex_sandbox: 'danger-full-access' }, { codex_approval_policy: 'never' }].map((metadata): Way => ({
      name: `responses, ${mode}`,
      path: '/v1/responses',
      body: { model: 'scripted-model', input: 'say: Done.', metadata },
      headers: { 'x-codex-mode': mode },
      field: `metadata.${Object.keys(metadata)[0] ?? ''}`,
    })),
  );
  const chat: Way = {
    name: 'chat',
    path: '/v1/chat/completions',
    body: {
      model: 'scripted-model',
      messages: [{ role: 'user', content: 'say: Done.' }],
      metadata: { codex_approval_policy: 'never' },
    },
    headers: { 'x-codex-mode': 'agent' },
    field: 'metadata.codex_approval_policy',
  };
  return [...v2, ...turns, ...commands, ...bridge, ...bridgeTurns, ...responses, chat];
}

describe('what a token may ask for', () => {
  let app: App;
  let writer: NamedClient;
  let admin: NamedClient;
  let threadId: string;

  const idOf = (body: Json): string => String(body.thread_id);

  /** Submits as this client, and waits for the end of the turn. */
  const runAs = async (client: NamedClient, thread: string, more: object = {}): Promise<Json> => {
    const stream = await app.stream(thread);
    const { status, body } = await client.post(`/api/v2/threads/${thread}/turns`, { input: SAY, ...more });
    expect(status).toBe(202);
    await stream.turnEnd(String(body.turn_id));
    stream.close();
    return (await client.get(`/api/v2/threads/${thread}/turns/${String(body.turn_id)}`)).body;
  };

  const refusals = async (client: NamedClient, doors: readonly Door[]): Promise<Json[]> => {
    const all: Json[] = [];
    for (const { name, path, body, headers } of doors) {
      const answer = await client.post(path, body, headers);
      all.push({ name, body, status: answer.status, code: codeOf(answer.body), fields: fieldsOf(answer.body) });
    }
    return all;
  };

  beforeAll(async () => {
    app = await App.start();
    writer = await NamedClient.create(app, 'writer', 'read,write');
    admin = await NamedClient.create(app, 'boss', 'read,write,admin');
    threadId = idOf((await writer.post('/api/v2/threads', { sandbox: 'workspace-write' })).body);
    await runAs(writer, threadId);
  });

  afterAll(async () => {
    await app.stop();
  });

  it('is, to write, nothing above workspace-write without network, at every door and in every way', async () => {
    const ways = toWays(threadId);
    const expected = ways.map(({ name, body, field }) => ({
      name,
      body,
      status: 403,
      code: 'forbidden',
      fields: [field],
    }));
    expect(await refusals(writer, ways)).toEqual(expected);
    const { body } = await writer.post('/api/v2/threads', { sandbox: 'danger-full-access' });
    expect(body.detail).toBe(
      'danger-full-access is above the ceiling of this token, which is workspace-write without network, on-request. ' +
        'Use a token with the scope "admin", or raise the ceiling with --max-sandbox danger-full-access.',
    );
  });

  it('is everything to admin', async () => {
    const own = idOf((await admin.post('/api/v2/threads', {})).body);
    await runAs(admin, own);
    const ways = toWays(own).filter(({ name }) => !name.startsWith('turn'));
    const statuses = (await refusals(admin, ways)).map(({ name, body, status }) => ({
      name,
      body,
      isTaken: status !== 403,
    }));
    expect(statuses).toEqual(ways.map(({ name, body }) => ({ name, body, isTaken: true })));
  });

  it('is what the sandbox confines, with the questions that it leads to', async () => {
    const within = [
      { sandbox: 'read-only', approval_policy: 'untrusted' },
      { sandbox: 'workspace-write', approval_policy: 'on-request' },
      { config: { sandbox_workspace_write: { exclude_slash_tmp: true, network_access: false } } },
    ];
    for (const body of within) {
      expect(await writer.post('/api/v2/threads', body)).toMatchObject({ status: 201 });
    }
    const policy = { type: 'workspace_write', writable_roots: [app.scratch.workspace] };
    expect(await runAs(writer, threadId, { sandbox_policy: policy })).toMatchObject({ status: 'completed' });
    const exec = { command: ['true'], sandbox_policy: { type: 'read_only' } };
    expect(await writer.post('/api/v2/commands/exec', exec)).toMatchObject({ status: 200, body: { exit_code: 0 } });
  });

  it('is what the dialects choose by themselves', async () => {
    const headers = { 'x-codex-mode': 'agent' };
    const chat = { model: 'scripted-model', messages: [{ role: 'user', content: 'say: Chat.' }] };
    expect(await writer.post('/v1/chat/completions', chat, headers)).toMatchObject({ status: 200 });
    const first = await writer.post('/v1/responses', { model: 'scripted-model', input: 'say: One.' }, headers);
    expect(first.status).toBe(200);
    const more = { model: 'scripted-model', input: 'say: Two.', previous_response_id: first.body.id };
    expect(await writer.post('/v1/responses', more, headers)).toMatchObject({ status: 200 });
  });

  it.each<[string, object]>([
    ['a sandbox', { sandbox: 'danger-full-access' }],
    ['a key of its configuration', { config: { sandbox_mode: 'danger-full-access' } }],
    ['network', { sandbox: 'workspace-write', config: { 'sandbox_workspace_write.network_access': true } }],
  ])("is nothing in an admin's thread that was made above it by %s", async (_, options) => {
    const made = idOf((await admin.post('/api/v2/threads', options)).body);
    await runAs(admin, made);
    const doors = toThreadDoors(made);
    const answers = (await refusals(writer, doors)).map(({ name, status, code }) => ({ name, status, code }));
    expect(answers).toEqual(doors.map(({ name }) => ({ name, status: 403, code: 'forbidden' })));
    expect(await writer.get(`/api/v2/threads/${made}/items`)).toMatchObject({ status: 200 });
  });

  it('does not grow by a turn of an admin, whose sandbox the thread keeps, and is as before when it is lowered', async () => {
    const shared = idOf((await writer.post('/api/v2/threads', { sandbox: 'read-only' })).body);
    await runAs(admin, shared, { sandbox_policy: { type: 'danger_full_access' } });
    const turn = { name: 'turn', path: `/api/v2/threads/${shared}/turns`, body: { input: SAY } };
    expect(await refusals(writer, [turn])).toMatchObject([{ status: 403, fields: ['sandbox_policy.type'] }]);
    await app.terminate();
    await app.restart();
    expect(await refusals(writer, [turn])).toMatchObject([{ status: 403, fields: ['sandbox_policy.type'] }]);
    expect(await writer.post(`/api/v2/threads/${shared}/resume`, { sandbox: 'read-only' })).toMatchObject({
      status: 200,
    });
    expect(await runAs(writer, shared)).toMatchObject({ status: 'completed' });
    const answer = await writer.get(`/api/v2/threads/${shared}`);
    expect(answer.body).toMatchObject({ sandbox: { type: 'read_only' } });
  });

  it('holds for a turn that waited: the one that would have lowered the sandbox was cancelled', async () => {
    const shared = idOf((await writer.post('/api/v2/threads', { sandbox: 'read-only' })).body);
    const path = `/api/v2/threads/${shared}/turns`;
    const stream = await app.stream(shared);
    const gated = { input: [{ type: 'text', text: 'gate: raised' }], sandbox_policy: { type: 'danger_full_access' } };
    expect(await admin.post(path, gated)).toMatchObject({ status: 202 });
    await app.model.reached('raised');
    const steer = { name: 'steer', path, body: { input: SAY, on_busy: 'steer' } };
    expect(await refusals(writer, [steer])).toMatchObject([{ status: 403 }]);
    const lowering = await admin.post(path, { input: SAY, sandbox_policy: { type: 'read_only' } });
    const waiting = await writer.post(path, { input: SAY });
    expect([lowering.status, waiting.status]).toEqual([202, 202]);
    await admin.post(`${path}/${String(lowering.body.turn_id)}/interrupt`);
    app.model.release('raised');
    await stream.turnEnd(String(waiting.body.turn_id));
    stream.close();
    const { body } = await writer.get(`${path}/${String(waiting.body.turn_id)}`);
    expect(body).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('above the ceiling of this token') as string },
    });
  });
});

describe('a server whose operator set other ceilings', () => {
  const statuses = async (args: readonly string[], config?: string): Promise<unknown[]> => {
    const app = await App.start({ args, ...(config === undefined ? {} : { config }) });
    try {
      const writer = await NamedClient.create(app, 'writer', 'read,write');
      const bodies = [
        { sandbox: 'danger-full-access' },
        { sandbox: 'workspace-write' },
        { sandbox: 'workspace-write', config: { 'sandbox_workspace_write.network_access': true } },
        { approval_policy: 'never' },
      ];
      const answers: unknown[] = [];
      for (const body of bodies) {
        answers.push((await writer.post('/api/v2/threads', body)).status);
      }
      const made = await writer.post('/api/v2/threads', {});
      const turn = { input: SAY };
      const submitted = await writer.post(`/api/v2/threads/${String(made.body.thread_id)}/turns`, turn);
      return [...answers, made.status, submitted.status, (made.body.sandbox as Json).type];
    } finally {
      await app.stop();
    }
  };

  it.each<[string[], string | undefined, unknown[]]>([
    [['--max-sandbox', 'danger-full-access'], undefined, [201, 201, 201, 201, 201, 202, 'read_only']],
    [['--max-sandbox', 'read-only'], undefined, [403, 403, 403, 403, 201, 202, 'read_only']],
    [['--allow-network'], undefined, [403, 201, 201, 403, 201, 202, 'read_only']],
    [['--max-approval-policy', 'never'], undefined, [403, 201, 403, 201, 201, 202, 'read_only']],
    [['--approval-policy', 'never'], undefined, [403, 201, 403, 201, 201, 202, 'read_only']],
    [['--dangerously-bypass-approvals-and-sandbox'], undefined, [201, 201, 201, 201, 201, 202, 'danger_full_access']],
    // What his own file gives to those who ask for nothing stays theirs.
    [[], 'sandbox_mode = "danger-full-access"', [403, 201, 403, 403, 201, 202, 'danger_full_access']],
  ])('%j %s', async (args, config, expected) => {
    expect(await statuses(args, config)).toEqual(expected);
  });
});
