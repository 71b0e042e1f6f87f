import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import { type Answer, NamedClient } from '../support/named-token.js';
import { recorded } from '../support/recording.js';
import { App, type Json } from '../support/start-app.js';
import { codeOf, fieldsOf } from '../support/thread-doors.js';

const CONFIG = '/api/v2/config';

/** A key that no engine has yet, in each of the ways in which it can be written, and what a refusal calls it. */
const FORMS: [string, Json][] = [
  ['a_later_key', { a_later_key: 'sh' }],
  ['features.a_later_one', { 'features.a_later_one': true }],
  ['features.a_later_one', { features: { a_later_one: true } }],
  ['features.a_later_one', { 'features."a_later_one"': true }],
  ['features.a_later_one', { '"features".a_later_one': { enabled: true } }],
  ['"features.goals"', { '"features.goals"': true }],
  ['Features.goals', { 'Features.goals': true }],
  ['tools.web_search.a_later_part', { tools: { web_search: [{ a_later_part: 1 }] } }],
  ['model.command', { model: { command: 'sh' } }],
];

/** Keys of this engine that say who is asked, what is trusted, what runs outside of the sandbox, what is kept for others. */
const ADMIN_KEYS: [string, Json][] = [
  ['project_root_markers', { project_root_markers: ['etc'] }],
  ['features.write_stdin_approval', { 'features.write_stdin_approval': false }],
  ['features.shell_snapshot', { 'features.shell_snapshot': true }],
  ['features.guardian_approval', { features: { guardian_approval: true } }],
  ['memories', { memories: { use_memories: true } }],
  ['otel', { otel: { environment: 'x' } }],
];

let app: App;
let writer: NamedClient;
let admin: NamedClient;
let threadId: string;

async function start(args: string[]): Promise<void> {
  app = await App.start({ args });
  writer = await NamedClient.create(app, 'writer', 'read,write');
  admin = await NamedClient.create(app, 'boss', 'read,write,admin');
  threadId = await app.createThread();
  await app.runTurn(threadId, 'say: There.');
}

const file = (): string => readFileSync(join(app.scratch.codexHome, 'config.toml'), 'utf8');

const doors = (): [string, Json][] => [
  ['/api/v2/threads', {}],
  [`/api/v2/threads/${threadId}/resume`, {}],
  [`/api/v2/threads/${threadId}/fork`, {}],
  ['/api/thread/start', {}],
  ['/api/thread/resume', { threadId }],
  ['/api/thread/fork', { threadId }],
];

async function write(client: NamedClient, method: 'put' | 'patch', body: Json): Promise<Answer> {
  return recorded(supertest(app.url)[method](CONFIG)).set('Authorization', `Bearer ${client.token}`).send(body);
}

/** Each way to write the same to config.toml, merged with what is there. */
function writes(client: NamedClient, config: Json): Promise<Answer>[] {
  const entries = Object.entries(config).map(([key, value]) => ({ key_path: key, value, merge_strategy: 'upsert' }));
  return [
    ...entries.map((body) => write(client, 'put', body)),
    write(client, 'patch', { edits: entries }),
    write(client, 'patch', { values: config }),
  ];
}

describe('a key that is not open to callers', () => {
  beforeAll(async () => {
    await start([]);
  });

  afterAll(async () => {
    await app.stop();
  });

  it.each([...FORMS, ...ADMIN_KEYS])('%s in %j is refused for a thread, at every door', async (key, config) => {
    for (const client of [writer, admin]) {
      for (const [path, body] of doors()) {
        const answer = await client.post(path, { ...body, config });
        expect([path, answer.status, codeOf(answer.body)]).toEqual([path, 403, 'forbidden']);
        expect(fieldsOf(answer.body).join()).toContain(`config.${key}`);
        expect(JSON.stringify(answer.body)).toContain('--allow-config-admin');
      }
    }
  });

  it.each([...FORMS, ...ADMIN_KEYS])('%s in %j is not written to config.toml', async (key, config) => {
    const before = file();
    for (const answer of await Promise.all(writes(admin, config))) {
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
      expect(fieldsOf(answer.body).join()).toContain(key);
    }
    expect(file()).toBe(before);
  });

  it('is named by the refusal, with what it needs', async () => {
    const { body } = await writer.post('/api/v2/threads', { config: { features: { a_later_one: true } } });
    expect(body).toMatchObject({
      detail:
        'features.a_later_one is not among the keys that callers may set. ' +
        'Start the server with --allow-config-admin to let callers with the scope "admin" set it.',
      errors: [{ path: 'config.features.a_later_one', message: 'needs --allow-config-admin' }],
    });
  });

  it('does not go with the table that holds it', async () => {
    await app.put(CONFIG, { key: 'features.goals', value: true }).expect(200);
    const before = file();
    for (const value of [null, {}, { goals: false }]) {
      const { status, body } = await write(admin, 'put', { key: 'features', value });
      expect([status, body.detail]).toEqual([
        403,
        expect.stringContaining("features as a whole is the operator's to set, since features.") as string,
      ]);
    }
    expect(file()).toBe(before);
    const upsert = { key: 'features', value: { goals: false }, merge_strategy: 'upsert' };
    expect(await write(admin, 'put', upsert)).toMatchObject({ status: 200 });
    expect(await write(admin, 'put', { key: 'history', value: { max_bytes: 1000 } })).toMatchObject({ status: 200 });
    expect(await write(admin, 'put', { key: 'history', value: null })).toMatchObject({ status: 200 });
  });

  it('is not what callers have been setting all along', async () => {
    const config = {
      model_verbosity: 'low',
      web_search: 'disabled',
      'skills.include_instructions': false,
      features: { goals: false, shell_tool: false, steer: true },
      sandbox_workspace_write: { exclude_slash_tmp: true },
    };
    expect(await writer.post('/api/v2/threads', { config })).toMatchObject({ status: 201 });
  });
});

describe('a server that lets callers set the configuration', () => {
  beforeAll(async () => {
    await start(['--allow-config-admin']);
  });

  afterAll(async () => {
    await app.stop();
  });

  it('lets no token without admin set such a key for a thread', async () => {
    for (const [key, config] of [...FORMS.slice(0, 3), ...ADMIN_KEYS.slice(0, 2)]) {
      for (const [path, body] of doors()) {
        const answer = await writer.post(path, { ...body, config });
        expect([path, answer.status, codeOf(answer.body)]).toEqual([path, 403, 'forbidden']);
        expect(fieldsOf(answer.body)).toEqual([`config.${key}`]);
        expect(JSON.stringify(answer.body)).toContain('Use a token with the scope');
      }
      expect(await write(writer, 'patch', { values: config })).toMatchObject({ status: 403 });
    }
  });

  it('lets one with admin', async () => {
    for (const [, config] of [...FORMS.slice(0, 3), ...ADMIN_KEYS.slice(0, 2)]) {
      for (const [path, body] of doors()) {
        const answer = await admin.post(path, { ...body, config });
        expect([path, config, answer.status < 300]).toEqual([path, config, true]);
      }
    }
    expect(await write(admin, 'patch', { values: { a_later_key: 'x' } })).toMatchObject({ status: 200 });
    expect(file()).toContain('a_later_key = "x"');
  });
});
