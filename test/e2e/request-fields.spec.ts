import { refusal, type Refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

let app: App;
let threadId: string;

beforeAll(async () => {
  app = await App.start({ args: ['--allow-config-admin'] });
  threadId = await app.createThread({ name: 'Before' });
});

afterAll(async () => {
  await app.stop();
});

const unknown = (...paths: string[]): Refusal => ({ status: 400, code: 'invalid_request', paths });
const detailOf = async (path: string, body: object): Promise<unknown> => {
  const answer = await app.post(path, body).expect(400);
  return (answer.body as Json).detail;
};

describe('fields of a request that takes none', () => {
  it.each([
    ['post', '/api/v2/threads/ID/archive'],
    ['post', '/api/v2/threads/ID/unarchive'],
    ['post', '/api/v2/threads/ID/compact'],
    ['post', '/api/v2/threads/ID/turns/x/interrupt'],
    ['post', '/api/v2/threads/ID/turns/interrupt'],
    ['post', '/api/v2/auth/logout'],
    ['post', '/api/v2/mcp/servers/refresh'],
    ['post', '/api/v2/mcp/servers/x/auth'],
    ['delete', '/api/v2/threads/ID'],
    ['delete', '/api/v2/mcp/servers/x'],
    ['delete', '/api/v2/attachments/x'],
  ] as const)('%s %s are refused and named, and nothing is done', async (method, path) => {
    const address = path.replace('ID', threadId);
    const test = method === 'post' ? app.post(address, { wibble: 1 }) : app.delete(address).send({ wibble: 1 });
    expect(await refusal(test)).toEqual(unknown('wibble'));
    const thread = (await app.get(`/api/v2/threads/${threadId}`).expect(200)).body as Json;
    expect(thread).toMatchObject({ name: 'Before', archived: false });
  });

  it('are refused by every such route of the document', async () => {
    const { paths } = (await app.get('/openapi.json').expect(200)).body as {
      paths: Record<string, Record<string, { requestBody?: unknown }>>;
    };
    for (const [path, item] of Object.entries(paths)) {
      for (const method of ['post', 'delete'] as const) {
        // What older clients send to `POST /health` is ignored: it says nothing and changes nothing.
        if (item[method] && !item[method].requestBody && path !== '/health') {
          const address = path.replaceAll(/\{\w+\}/g, 'none');
          const test = method === 'post' ? app.post(address, { wibble: 1 }) : app.delete(address).send({ wibble: 1 });
          expect([method, path, (await test).status]).toEqual([method, path, 400]);
        }
      }
    }
  });

  it('interrupt takes the turn that is meant, and ends no other', async () => {
    const stream = await app.stream(threadId);
    const { turn_id: turnId } = await app.submit(threadId, 'stall');
    await stream.until('turn/started');
    const path = `/api/v2/threads/${threadId}/turns/interrupt`;
    expect(await refusal(app.post(path, { turn_id: 'another' }))).toEqual({
      status: 409,
      code: 'turn_not_active',
      paths: ['turn_id'],
    });
    expect((await app.get(`/api/v2/threads/${threadId}/turns/${turnId}`)).body).toMatchObject({
      status: 'in_progress',
    });
    await app.post(path, { turn_id: turnId }).expect(200);
    expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'interrupted' });
    stream.close();
    expect(await refusal(app.post(path, { turn_id: turnId }))).toMatchObject({ status: 409, code: 'turn_not_active' });
  });
});

const INHERITED = ['toString', 'constructor', 'valueOf', '__defineGetter__', 'hasOwnProperty', '__lookupSetter__'];

describe('fields that are called like what every object inherits', () => {
  it.each(INHERITED)('%s is as unknown as any other', async (name) => {
    expect(await refusal(app.post('/api/v2/threads', { [name]: 'x' }))).toEqual(unknown(name));
    const turns = `/api/v2/threads/${threadId}/turns`;
    const part = { type: 'text', text: 'say: x', [name]: 'x' };
    expect(await refusal(app.post(turns, { input: [part] }))).toEqual(unknown(`input[0].${name}`));
    const policy = { type: 'read_only', [name]: 1 };
    const input = [{ type: 'text', text: 'say: x' }];
    expect(await refusal(app.post(turns, { input, sandbox_policy: policy }))).toEqual(
      unknown(`sandbox_policy.${name}`),
    );
    expect(await refusal(app.get(`/api/v2/threads?${name}=x`))).toEqual(unknown(name));
    expect(await refusal(app.get(`/api/v2/threads?${name}[a]=x`))).toEqual(unknown(name));
    expect((await app.post('/v1/conversations', { [name]: 1 })).status).toBe(400);
    expect((await app.post('/messages', { type: 'user_message', message: 'x', [name]: 1 })).status).toBe(400);
    expect((await app.post('/api/thread/start', { [name]: 1 })).status).toBe(400);
  });

  it('__proto__ is refused everywhere', async () => {
    for (const body of ['{"__proto__":1}', '{"metadata":{"__proto__":"x"}}', '{"config":{"a":{"__proto__":{}}}}']) {
      const answer = await app.post('/api/v2/threads').set('content-type', 'application/json').send(body);
      expect([body, answer.status]).toEqual([body, 400]);
    }
    expect((await app.get('/api/v2/threads?__proto__=x')).status).toBe(400);
    expect((await app.get('/api/v2/threads?__proto__[archived]=true')).status).toBe(400);
  });

  it('are kept as keys of free-form data: metadata, schemas, tools', async () => {
    const metadata = Object.fromEntries(INHERITED.map((name) => [name, name]));
    const created = (await app.post('/api/v2/threads', { metadata }).expect(201)).body as Json;
    expect(created.metadata).toEqual(metadata);
    const found = await app.get('/api/v2/threads?metadata[toString]=toString&metadata[constructor]=constructor');
    expect((found.body as { data: Json[] }).data.map(({ thread_id: id }) => id)).toEqual([created.thread_id]);
    const properties = { constructor: { type: 'string' }, toString: { type: 'string' } };
    const schema = { type: 'object', properties, required: ['constructor', 'toString'], additionalProperties: false };
    await app.runTurn(threadId, 'say: {"constructor":"a","toString":"b"}', { output_schema: schema });
    expect(JSON.stringify(app.model.requests.at(-1)?.body.text)).toContain('"constructor":{"type":"string"}');
    const long = { metadata: { toString: 'x'.repeat(10_000) } };
    expect(await refusal(app.post('/api/v2/threads', long))).toEqual(unknown('metadata'));
  });
});

describe('null', () => {
  it('stands for an optional field that is left out, at every level', async () => {
    const turn = {
      input: [{ type: 'text', text: 'say: null' }],
      ...{ model: null, reasoning_effort: null, approval_policy: null, cwd: null, output_schema: null, on_busy: null },
      sandbox_policy: { type: 'read_only', writable_roots: null, network_access: null, exclude_slash_tmp: null },
    };
    const accepted = await app.post(`/api/v2/threads/${threadId}/turns`, turn).expect(202);
    await app.stream(threadId).then(async (stream) => {
      await stream.turnEnd((accepted.body as { turn_id: string }).turn_id);
      stream.close();
    });
    const thread = { cwd: null, model: null, sandbox: null, config: null, name: null, metadata: null, ephemeral: null };
    await app.post('/api/v2/threads', { ...thread, dynamic_tools: null }).expect(201);
    await app.post(`/api/v2/threads/${threadId}/resume`, { cwd: null, model: null, config: null }).expect(200);
    await app.post(`/api/v2/threads/${threadId}/fork`, { turn_id: null, cwd: null }).expect(201);
    const exec = { command: ['true'], cwd: null, timeout_ms: null, env: null, sandbox_policy: null };
    await app.post('/api/v2/commands/exec', exec).expect(200);
    await app.post('/api/v2/stream-tickets', { thread_id: null }).expect(201);
    expect(await refusal(app.put('/api/v2/skills/none/config', { enabled: true, cwd: null }))).toMatchObject({
      status: 404,
    });
  });

  it('is a fault where a field is required, or a change could be read as taking it away', async () => {
    const turns = `/api/v2/threads/${threadId}/turns`;
    expect(await refusal(app.post(turns, { input: null }))).toEqual(unknown('input'));
    expect(await refusal(app.post(turns, { input: [null] }))).toEqual(unknown('input[0]'));
    expect(await refusal(app.post(turns, { input: [{ type: 'text', text: null }] }))).toEqual(unknown('input[0].text'));
    expect(await refusal(app.post('/api/v2/commands/exec', { command: [null] }))).toEqual(unknown('command'));
    expect(await refusal(app.patch(`/api/v2/threads/${threadId}`, { name: null }))).toEqual(unknown('name'));
    expect(await refusal(app.patch('/api/v2/config', { values: null }))).toMatchObject({ status: 400 });
    expect(await refusal(app.patch('/api/v2/config', { edits: [null] }))).toMatchObject({ status: 400 });
    expect(await refusal(app.post('/api/v2/reviews', { target: null }))).toEqual(unknown('target'));
    expect(await refusal(app.put('/api/v2/mcp/servers/x', { url: 'http://x', command: null }))).toEqual(
      unknown('command'),
    );
  });
});

describe('the likeliest mistakes', () => {
  it('a text is taken as the input of a turn', async () => {
    const turn = await app.post(`/api/v2/threads/${threadId}/turns`, { input: 'gate: text' }).expect(202);
    expect(turn.body).toMatchObject({ input: [{ type: 'text', text: 'gate: text' }] });
    await app.model.reached('text');
    const { turn_id: turnId } = turn.body as { turn_id: string };
    const stream = await app.stream(threadId);
    await app.post(`/api/v2/threads/${threadId}/turns/${turnId}/steer`, { input: 'say: more' }).expect(200);
    app.model.release('text');
    await stream.turnEnd(turnId);
    stream.close();
  });

  it('are told in words that help', async () => {
    const turns = `/api/v2/threads/${threadId}/turns`;
    expect(await detailOf(turns, { input: 5 })).toBe(
      'The request is not valid: input: must be a text, or a list of parts such as {"type":"text","text":"Hello"}.',
    );
    expect(await detailOf(turns, { input: ['hi'] })).toBe('The request is not valid: input[0]: must be an object.');
    expect(await detailOf(turns, { input: [{ text: 'hi' }] })).toBe(
      'The request is not valid: input[0].type: is missing; it must be one of text, image, attachment, skill, mention.',
    );
    expect(await detailOf(turns, { input: '' })).toBe(
      'The request is not valid: input[0].text: must be longer than or equal to 1 characters.',
    );
  });
});

describe('a value that is none', () => {
  it('is refused as the data of an image, by the native door and the bridge', async () => {
    const bridged = (await app.post('/api/thread/start', {}).expect(200)).body as { thread: { id: string } };
    for (const url of [
      'data:image/png;base64,aGVsbG8=',
      'data:image/png;base64,%%',
      'data:text/plain,x',
      'ftp://x/y',
    ]) {
      const input = [{ type: 'image', url }];
      expect([url, await refusal(app.post(`/api/v2/threads/${threadId}/turns`, { input }))]).toEqual([
        url,
        unknown('input[0].url'),
      ]);
      const turn = { threadId: bridged.thread.id, input };
      expect((await app.post('/api/turn/start', turn)).status).toBe(400);
    }
  });

  it('is refused as a key to log in with', async () => {
    for (const key of ['sk-a\nb', 'sk-a\0', 'sk a', '', 'sk-\u2028', ' ']) {
      const login = { type: 'api_key', api_key: key };
      expect(await refusal(app.post('/api/v2/auth/login', login))).toEqual(unknown('api_key'));
    }
  });
});
