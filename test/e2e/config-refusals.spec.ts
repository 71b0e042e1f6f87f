import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Refusal, refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

const CONFIG = '/api/v2/config';
const SERVER = { command: 'node', args: ['server.js'] };
const invalid = (...paths: string[]): Refusal => ({ status: 400, code: 'invalid_request', paths });

describe('the configuration', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  const file = (): string => readFileSync(join(app.scratch.codexHome, 'config.toml'), 'utf8');
  const json = (text: string): Json => JSON.parse(text) as Json;

  it.each<[string, unknown]>([
    ['mcp_servers', { x: SERVER }],
    ['mcp_servers.x', SERVER],
    ['"mcp_servers".x', SERVER],
    ['"mcp\\_servers".x', SERVER],
    ['model_providers.scripted.base_url', 'http://elsewhere.example'],
    ['sandbox_mode', 'danger-full-access'],
    ['approval_policy', 'never'],
    ['profiles', { p: { sandbox_mode: 'danger-full-access' } }],
    ['features', { plugins: true }],
    ['projects."/".trust_level', 'trusted'],
  ])("keeps what is the operator's: %s = %j", async (key, value) => {
    const before = file();
    for (const merge_strategy of ['replace', 'upsert']) {
      const answer = await refusal(app.put(CONFIG, { key, value, merge_strategy }));
      expect(answer).toMatchObject({ status: 403, code: 'forbidden' });
    }
    expect(await refusal(app.patch(CONFIG, { values: { [key]: value } }))).toMatchObject({ status: 403 });
    expect(file()).toBe(before);
  });

  it.each<[string, Json, string[]]>([
    ['no key', { value: 1 }, ['key']],
    ['two keys', { key: 'model', key_path: 'model', value: 'x' }, ['key']],
    ['no value', { key: 'model' }, ['value']],
    ['an empty key', { key: '', value: 1 }, ['key']],
    ['a key that is none', { key: 'a..b', value: 1 }, ['key_path']],
    ['half a quote', { key: 'a."b', value: 1 }, ['key_path']],
    ['a prototype', { key: '__proto__.x', value: 1 }, ['key_path']],
    ['a quoted prototype', { key: 'a."__pro\\to__"', value: 1 }, ['key_path']],
    ['a prototype in the value', json('{"key": "desktop", "value": {"__proto__": {"x": 1}}}'), []],
    ['an unknown strategy', { key: 'model', value: 'x', merge_strategy: 'append' }, ['merge_strategy']],
    ['a file of its own', { key: 'model', value: 'x', file_path: '/tmp/x.toml' }, ['file_path']],
  ])('is not written with %s', async (_, body, paths) => {
    const before = file();
    expect(await refusal(app.put(CONFIG, body))).toEqual(invalid(...paths));
    expect(file()).toBe(before);
  });

  it.each<[string, Json, string[]]>([
    ['nothing', {}, ['values']],
    ['no values', { values: {} }, ['values']],
    ['no edits', { edits: [] }, ['edits']],
    ['both', { values: { model: 'x' }, edits: [{ key_path: 'model', value: 'x' }] }, ['values']],
    ['an edit that is none', { edits: [null] }, ['edits[0]']],
    ['an edit without a key', { edits: [{ value: 'x' }] }, ['edits[0].key_path']],
    ['an edit without a value', { edits: [{ key_path: 'model' }] }, ['edits[0].value']],
    ['a prototype', json('{"values": {"__proto__": {"x": 1}}}'), []],
  ])('is not changed with %s', async (_, body, paths) => {
    expect(await refusal(app.patch(CONFIG, body))).toEqual(invalid(...paths));
  });

  it('is not written with a value that does not fit; the answer says which, and names no file', async () => {
    const answer = await app.put(CONFIG, { key: 'model', value: 5 }).expect(422);
    expect(answer.body).toMatchObject({ code: 'unprocessable', detail: expect.stringContaining('`model`') as string });
    expect(answer.text).not.toContain(app.scratch.root);
  });

  describe('of one thread', () => {
    it.each<[string, Json]>([
      ['nested', { mcp_servers: { x: SERVER } }],
      ['dotted', { 'mcp_servers.x.command': 'node' }],
      ['quoted', { '"mcp_servers".x': SERVER }],
      ['escaped', { '"mcp\\_servers".x': SERVER }],
      ['writable folders', { sandbox_workspace_write: { writable_roots: ['/'] } }],
      ['writable folders, dotted', { 'sandbox_workspace_write.writable_roots': ['/'] }],
      ['a provider', { model_providers: { x: { base_url: 'http://elsewhere.example' } } }],
      ['a profile', { profile: 'p' }],
    ])("keeps what is the operator's: %s", async (_, config) => {
      const create = refusal(app.post('/api/v2/threads', { config }));
      expect(await create).toMatchObject({ status: 403, code: 'forbidden' });
      const threadId = await app.createThread();
      const resume = refusal(app.post(`/api/v2/threads/${threadId}/resume`, { config }));
      expect(await resume).toMatchObject({ status: 403, code: 'forbidden' });
    });

    it('may choose its own sandbox and approval policy', async () => {
      const config = { approval_policy: 'never', sandbox_mode: 'workspace-write', 'features.goals': false };
      const answer = await app.post('/api/v2/threads', { config }).expect(201);
      expect(answer.body).toMatchObject({ approval_policy: 'never', sandbox: { type: 'workspace_write' } });
    });

    it('has no prototype to be reached', async () => {
      const body = json('{"config": {"__proto__": {"x": 1}}}');
      expect(await refusal(app.post('/api/v2/threads', body))).toMatchObject({ status: 400, code: 'invalid_request' });
    });
  });
});

describe('the configuration, where callers may administer it', () => {
  it("takes what is the operator's, but no prototype", async () => {
    const app = await App.start({ args: ['--allow-config-admin'] });
    await app.put(CONFIG, { key: 'sandbox_mode', value: 'read-only' }).expect(200);
    await app.patch(CONFIG, { values: { 'mcp_servers.x': { ...SERVER, enabled: false } } }).expect(200);
    const { config } = (await app.get(CONFIG).expect(200)).body as { config: Json };
    expect(config).toMatchObject({
      sandbox_mode: 'read-only',
      mcp_servers: { x: { command: 'node', enabled: false } },
    });
    const threads = { config: { mcp_servers: { y: { ...SERVER, enabled: false } } } };
    await app.post('/api/v2/threads', threads).expect(201);
    const prototype = JSON.parse('{"key": "desktop", "value": {"__proto__": 1}}') as Json;
    expect(await refusal(app.put(CONFIG, prototype))).toEqual(invalid());
    await app.stop();
  });
});
