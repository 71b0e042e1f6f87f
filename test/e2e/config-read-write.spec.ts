import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

const CONFIG = '/api/v2/config';

/** With comments and in an order that a writer may not disturb, and a secret of every kind. */
const config = `
# how it looks
file_opener = "none" # nothing is opened

[tui] # the terminal
# quiet
notifications = false
theme = "dark"

[model_providers.vault]
name = "Vault"
base_url = "http://user:hidden-1@127.0.0.1:9/v1?api_key=hidden-2"
wire_api = "responses"
experimental_bearer_token = "hidden-3"
http_headers = { "X-Any" = "hidden-4" }
query_params = { any = "hidden-5" }

[mcp_servers.off]
command = "node"
args = ["--token", "hidden-6"]
env = { ANY = "hidden-7" }
enabled = false

[shell_environment_policy]
set = { ANY = "hidden-8" }
`;

interface Config extends Json {
  config: Json & { tui: Json };
  origins: Record<string, { name: Json; version: string }>;
  layers: (Json & { name: Json; config: Json })[] | null;
  version: string;
}

describe('the configuration', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start({
      config,
      args: ['--approval-policy', 'never'],
      env: { CODEX_MODEL_REASONING_EFFORT: 'low' },
    });
  });

  afterAll(async () => {
    await app.stop();
  });

  const read = async (query = ''): Promise<Config> => (await app.get(`${CONFIG}${query}`).expect(200)).body as Config;
  const file = (): string => readFileSync(join(app.scratch.codexHome, 'config.toml'), 'utf8');

  describe('is read', () => {
    it('as a whole, with where each value comes from', async () => {
      const { config: values, origins, layers, version } = await read();
      expect(values).toMatchObject({ model: 'scripted-model', approval_policy: 'never', file_opener: 'none' });
      expect(origins.file_opener).toMatchObject({ name: { type: 'user' }, version });
      expect(origins.approval_policy).toMatchObject({ name: { type: 'session_flags' } });
      expect(layers).toBeNull();
      expect(version).toMatch(/^sha256:[0-9a-f]{64}$/);
    });

    it('with its layers when asked, the strongest first', async () => {
      const { layers, version } = await read('?include_layers=true');
      const types = (layers ?? []).map(({ name }) => name.type);
      expect(types.indexOf('session_flags')).toBeLessThan(types.indexOf('user'));
      expect(layers?.find(({ name }) => name.type === 'user')).toMatchObject({
        version,
        config: { file_opener: 'none' },
      });
      expect((await read('?include_layers=false')).layers).toBeNull();
    });

    it('without its secrets', async () => {
      const whole = await read('?include_layers=true');
      expect(JSON.stringify(whole)).not.toContain('hidden-');
      expect(whole.config).toMatchObject({
        model_providers: {
          vault: {
            base_url: 'http://[masked]@127.0.0.1:9/v1?api_key=[masked]',
            experimental_bearer_token: '[masked]',
            http_headers: { 'X-Any': '[masked]' },
            query_params: { any: '[masked]' },
          },
        },
        mcp_servers: { off: { command: 'node', args: ['--token', '[masked]'], env: { ANY: '[masked]' } } },
        shell_environment_policy: { set: { ANY: '[masked]' } },
      });
    });

    it('for a folder, whose project has its own layer', async () => {
      const project = join(app.scratch.workspace, 'project');
      mkdirSync(join(project, '.codex'), { recursive: true });
      mkdirSync(join(project, '.git'));
      writeFileSync(join(project, '.codex', 'config.toml'), 'model_verbosity = "low"\n');
      const { layers } = await read(`?include_layers=true&cwd=${project}`);
      const found = layers?.find(({ name }) => name.type === 'project');
      expect(found).toMatchObject({ name: { dot_codex_folder: join(project, '.codex') } });
      expect((await read('?include_layers=true')).layers?.some(({ name }) => name.type === 'project')).toBe(false);
    });

    it.each<[string, number, string]>([
      ['?cwd=/etc', 403, 'cwd'],
      ['?cwd=sub', 400, 'cwd'],
      ['?include_layers=yes', 400, 'include_layers'],
      ['?key=model', 400, 'key'],
    ])('%s is refused', async (query, status, path) => {
      expect(await refusal(app.get(`${CONFIG}${query}`))).toMatchObject({ status, paths: [path] });
    });

    it('with what an administrator requires, which is nothing here', async () => {
      expect((await app.get(`${CONFIG}/requirements`).expect(200)).body).toMatchObject({ requirements: null });
    });
  });

  describe('is written', () => {
    it('key by key, and every comment stays where it was', async () => {
      const before = file();
      const answer = await app.put(CONFIG, { key: 'tui.theme', value: 'light' }).expect(200);
      expect(file()).toBe(before.replace('theme = "dark"', 'theme = "light"'));
      const { config: values, version } = await read();
      expect(values.tui).toMatchObject({ theme: 'light', notifications: false });
      expect(answer.body).toEqual({ status: 'ok', version, overridden_metadata: null });
    });

    it('by key path, also with quotes; null takes a key out', async () => {
      const before = file();
      const keyPath = 'desktop."a key".x';
      await app.put(CONFIG, { key_path: keyPath, value: [1, 'two', true, { three: 3 }] }).expect(200);
      expect((await read()).config.desktop).toEqual({ 'a key': { x: [1, 'two', true, { three: 3 }] } });
      await app.put(CONFIG, { key_path: keyPath, value: null }).expect(200);
      await app.put(CONFIG, { key: 'desktop', value: null }).expect(200);
      expect(file().trim()).toBe(before.trim());
    });

    it('replacing a table, or merging into it', async () => {
      await app.put(CONFIG, { key: 'desktop', value: { a: 1, b: { c: 2 } } }).expect(200);
      await app.put(CONFIG, { key: 'desktop', value: { b: { d: 3 } }, merge_strategy: 'upsert' }).expect(200);
      expect((await read()).config.desktop).toEqual({ a: 1, b: { c: 2, d: 3 } });
      await app.put(CONFIG, { key: 'desktop', value: { b: {} } }).expect(200);
      expect((await read()).config.desktop).toEqual({ b: {} });
    });

    it('only at the version that the caller knows, if it says one', async () => {
      const { version } = await read();
      const body = { key: 'model_verbosity', value: 'low', expected_version: version };
      const { version: next } = (await app.put(CONFIG, body).expect(200)).body as { version: string };
      expect(next).not.toBe(version);
      const before = file();
      const late = { status: 409, code: 'version_conflict', paths: [] };
      expect(await refusal(app.put(CONFIG, { ...body, value: 'high' }))).toEqual(late);
      const values = { model_verbosity: 'high' };
      expect(await refusal(app.patch(CONFIG, { values, expected_version: version }))).toEqual(late);
      expect(file()).toBe(before);
      await app.patch(CONFIG, { values, expected_version: next }).expect(200);
      expect((await read()).config.model_verbosity).toBe('high');
    });

    it('several at once, in either form', async () => {
      await app.patch(CONFIG, { values: { model_verbosity: 'medium', 'tui.theme': 'blue' } }).expect(200);
      const edits = [
        { key_path: 'desktop', value: { x: 1 } },
        { key_path: 'desktop', value: { y: 2 }, merge_strategy: 'upsert' },
      ];
      await app.patch(CONFIG, { edits }).expect(200);
      const { config: values } = await read();
      expect(values).toMatchObject({ model_verbosity: 'medium', tui: { theme: 'blue' }, desktop: { x: 1, y: 2 } });
    });

    it.each<[string, Json, number, string]>([
      ['does not fit', { 'tui.notifications': 'sometimes' }, 422, 'unprocessable'],
      ["is the operator's", { notify: ['sh'] }, 403, 'forbidden'],
      ['has no key path', { 'a..b': 1 }, 400, 'invalid_request'],
    ])('not at all when one of several %s', async (_, bad, status, code) => {
      const before = file();
      const values = { model_verbosity: 'low', ...bad };
      expect(await refusal(app.patch(CONFIG, { values }))).toMatchObject({ status, code });
      const edits = Object.entries(values).map(([key, value]) => ({ key_path: key, value }));
      expect(await refusal(app.patch(CONFIG, { edits }))).toMatchObject({ status, code });
      expect(file()).toBe(before);
    });

    it('with a word when another layer has the last one', async () => {
      const answer = await app.put(CONFIG, { key: 'model_reasoning_effort', value: 'high' }).expect(200);
      expect(answer.body).toMatchObject({
        status: 'ok_overridden',
        overridden_metadata: { effective_value: 'low', overriding_layer: { name: { type: 'session_flags' } } },
      });
      expect(file()).toContain('model_reasoning_effort = "high"');
    });

    it('for the turns to come', async () => {
      await app.put(CONFIG, { key: 'developer_instructions', value: 'Speak like a pirate.' }).expect(200);
      await app.runTurn(await app.createThread(), 'say: Arr.');
      expect(JSON.stringify(app.model.requests.at(-1)?.body)).toContain('Speak like a pirate.');
    });
  });
});
