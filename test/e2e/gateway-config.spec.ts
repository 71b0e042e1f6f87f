import { readFileSync } from 'node:fs';
import { FakeUpstream, stream } from '../support/fake-upstream.js';
import { ProviderApp, type ProviderAppOptions } from '../support/provider-app.js';
import { type Json } from '../support/start-app.js';
import { UPSTREAM_WIRES } from '../support/upstream-wires.js';

/** As printed for LM Studio in the documents of an earlier server. */
const LM_STUDIO = `# Model and provider settings
model = "qwen2.5-7b-instruct"
model_provider = "ollama"
approval_policy = "never"

# Custom provider definitions
[model_providers.ollama]
name = "LM Studio (Ollama-compatible)"
base_url = "http://localhost:1234/v1"
wire_api = "chat"
`;

/** As printed for another one. */
const WITH_TOOLS = `model = "claude-sonnet-4-5"
approval_policy = "auto"
sandbox_mode = "workspace-write"

[mcp_servers.github]
transport = "streamable_http"
url = "https://api.github.com/mcp"
`;

/** As printed for a change of provider, beside one that stays unused. */
const UNLESS = `model = "gpt-4o"                    # Change model
model_provider = "openai"           # Switch to OpenAI
approval_policy = "unless-allow-listed"  # Change approval mode

# Add new provider
[model_providers.anthropic]
name = "Anthropic Claude"
base_url = "https://api.anthropic.com/v1"
env_key = "ANTHROPIC_API_KEY"
wire_api = "chat"

[model_providers.custom]
name = "My Custom Provider"
base_url = "https://my-api.example.com/v1"
env_key = "MY_API_KEY"
wire_api = "chat"
`;

/** Nothing on the network can be reached. */
const OFFLINE = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '127.0.0.1,localhost' };

/** Of the one tool that the engine offers and only OpenAI can run. */
const toToolWarning = (name: string): string =>
  `Model gateway, ${name}: The tool "web_search" is left out: only the Responses API has it.`;

const { frames } = UPSTREAM_WIRES['LM Studio'];

describe('a configuration of an earlier version', () => {
  let upstream: FakeUpstream;
  const apps: ProviderApp[] = [];

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
  });

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.stop()));
    upstream.reset();
  });

  afterAll(async () => {
    await upstream.close();
  });

  async function start(options: ProviderAppOptions): Promise<ProviderApp> {
    const app = await ProviderApp.start({ ...options, env: { ...OFFLINE, ...options.env } });
    apps.push(app);
    return app;
  }

  /** Ends the server, whose log may come late. */
  async function warningsOf({ server }: ProviderApp): Promise<unknown[]> {
    await server.signal('SIGTERM');
    return server.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => (JSON.parse(line) as Json).msg);
  }

  const bannerOf = ({ server }: ProviderApp): string[] =>
    server.output
      .split('\n')
      .filter((line) => /^ {2}(model|provider|base url|wire|approval policy|config file) /.test(line))
      .map((line) => line.trim().replace(/\s+/g, ' '));

  it('for LM Studio runs unchanged, with the address from OLLAMA_BASE_URL', async () => {
    const app = await start({
      config: LM_STUDIO,
      env: { OLLAMA_BASE_URL: `${upstream.url}/v1`, OPENAI_API_KEY: '1234' },
    });
    upstream.enqueue(stream(...frames({ text: ['Hello.'] })));
    const { turn } = await app.runTurn(await app.createThread(), 'Hello?');
    expect(turn.status).toBe('completed');
    expect(upstream.last.body.model).toBe('qwen2.5-7b-instruct');
    expect(readFileSync(app.configPath, 'utf8')).toBe(LM_STUDIO);
    expect(await warningsOf(app)).toEqual([
      'The provider "ollama" does not speak the Responses API: it became one of the model gateway (chat wire).',
      'OLLAMA_BASE_URL became model_providers.ollama.base_url.',
      toToolWarning('LM Studio (Ollama-compatible)'),
    ]);
    expect(bannerOf(app)).toEqual([
      `model qwen2.5-7b-instruct (file: ${app.configPath})`,
      `provider ollama (file: ${app.configPath})`,
      `base url ${upstream.url}/v1 (env: OLLAMA_BASE_URL)`,
      `wire chat (file: ${app.configPath})`,
      `approval policy never (file: ${app.configPath})`,
      `config file ${app.configPath} (file)`,
    ]);
  });

  it('in variables alone runs too', async () => {
    const env = { CODEX_MODEL: 'qwen2.5-7b-instruct', CODEX_PROVIDER: 'ollama', OLLAMA_BASE_URL: upstream.url };
    const app = await start({ env: { ...env, CODEX_APPROVAL_POLICY: 'auto' } });
    upstream.enqueue(stream(...frames({ text: ['Hello.'] })));
    const threadId = await app.createThread({ approval_policy: undefined });
    const { turn } = await app.runTurn(threadId, 'Hello?');
    expect(turn.status).toBe('completed');
    expect((await app.get(`/api/v2/threads/${threadId}`)).body).toMatchObject({
      model: 'qwen2.5-7b-instruct',
      model_provider: 'ollama',
      approval_policy: 'on-request',
    });
    expect(await app.effective()).toMatchObject({
      approval_policy: { value: 'on-request', source: 'env', origin: 'CODEX_APPROVAL_POLICY' },
      base_url: { value: `${upstream.url}/v1`, source: 'env', origin: 'OLLAMA_BASE_URL' },
      config_file: { value: null, source: 'default', origin: app.configPath },
    });
    expect(await warningsOf(app)).toEqual([
      'The provider "ollama" does not speak the Responses API: it became one of the model gateway (chat wire).',
      'OLLAMA_BASE_URL became model_providers.ollama.base_url, on the chat wire.',
      'CODEX_MODEL="qwen2.5-7b-instruct" became model = "qwen2.5-7b-instruct", and wins over config.toml.',
      'CODEX_PROVIDER="ollama" became model_provider = "ollama", and wins over config.toml.',
      'CODEX_APPROVAL_POLICY="auto" became approval_policy = "on-request", and wins over config.toml.',
      toToolWarning('Ollama'),
    ]);
  });

  it('with the policy "auto" and a transport of a tool server runs unchanged', async () => {
    const app = await start({ config: WITH_TOOLS });
    const threadId = await app.createThread({ approval_policy: undefined, sandbox: undefined, config: undefined });
    expect((await app.get(`/api/v2/threads/${threadId}`)).body).toMatchObject({
      model: 'claude-sonnet-4-5',
      approval_policy: 'on-request',
      sandbox: { type: 'workspace_write' },
    });
    const { config } = (await app.get('/api/v2/config').expect(200)).body as { config: Json };
    expect(config.mcp_servers).toMatchObject({ github: { url: 'https://api.github.com/mcp' } });
    expect(await warningsOf(app)).toEqual([
      'approval_policy = "auto" became "on-request".',
      'mcp_servers.github.transport = "streamable_http" is left out: "url" says it by itself now.',
    ]);
    expect(readFileSync(app.configPath, 'utf8')).toBe(WITH_TOOLS);
  });

  it('with the policy "unless-allow-listed" asks before each command that is not known as safe', async () => {
    const app = await start({ config: UNLESS });
    const threadId = await app.createThread({ approval_policy: undefined });
    expect((await app.get(`/api/v2/threads/${threadId}`)).body).toMatchObject({ approval_policy: 'untrusted' });
    expect(await app.effective()).toMatchObject({
      approval_policy: { value: 'untrusted', source: 'file' },
      model_provider: { value: 'openai', source: 'file' },
      base_url: { value: null, source: 'default' },
    });
    const read = (await app.get('/api/v2/config')).body as { config: Json };
    expect(read.config.model_providers).toMatchObject({
      anthropic: { base_url: 'https://api.anthropic.com/v1', wire_api: 'chat', env_key: 'ANTHROPIC_API_KEY' },
      custom: { base_url: 'https://my-api.example.com/v1', wire_api: 'chat' },
    });
  });

  it('gives way to variables, and these to the command line, value by value', async () => {
    const app = await start({
      config: LM_STUDIO,
      env: { CODEX_MODEL: 'from-env', CODEX_APPROVAL_POLICY: 'untrusted' },
      args: ['--model', 'from-flag'],
    });
    const expected = {
      model: { value: 'from-flag', source: 'flag', origin: '--model' },
      model_provider: { value: 'ollama', source: 'file', origin: app.configPath },
      base_url: { value: 'http://localhost:1234/v1', source: 'file', origin: app.configPath },
      wire: { value: 'chat', source: 'file', origin: app.configPath },
      approval_policy: { value: 'untrusted', source: 'env', origin: 'CODEX_APPROVAL_POLICY' },
      config_file: { value: app.configPath, source: 'file', origin: app.configPath },
    };
    expect(await app.effective()).toEqual(expected);
    expect(bannerOf(app)).toContain('model from-flag (flag: --model)');
    expect(bannerOf(app)).toContain('approval policy untrusted (env: CODEX_APPROVAL_POLICY)');
    const threadId = await app.createThread({ approval_policy: undefined });
    expect((await app.get(`/api/v2/threads/${threadId}`)).body).toMatchObject({
      model: 'from-flag',
      approval_policy: 'untrusted',
    });
    expect(await warningsOf(app)).toContain('CODEX_MODEL has no effect: --model wins.');
  });

  it('is changed through the API as the user has written it, and the next thread follows', async () => {
    const config = LM_STUDIO.replace('http://localhost:1234', upstream.url);
    const app = await start({ config, args: ['--allow-config-admin'] });
    await app.put('/api/v2/config', { key: 'model', value: 'llama-3.2-3b-instruct' }).expect(200);
    const key = 'model_providers.ollama.request_max_retries';
    await app.put('/api/v2/config', { key, value: 1 }).expect(200);
    expect(readFileSync(app.configPath, 'utf8')).toBe(
      `${config.replace('qwen2.5-7b-instruct', 'llama-3.2-3b-instruct')}request_max_retries = 1\n`,
    );
    upstream.enqueue(stream(...frames({ text: ['Hello.'] })));
    await app.runTurn(await app.createThread(), 'Hello?');
    expect(upstream.last.body.model).toBe('llama-3.2-3b-instruct');
    expect(await app.effective()).toMatchObject({ model: { value: 'llama-3.2-3b-instruct', source: 'file' } });
    const layers = (await app.get('/api/v2/config?include_layers=true')).body as {
      layers: { name: Json; config: Json }[];
    };
    const user = layers.layers.find(({ name }) => name.type === 'user');
    expect(user?.name.file).toBe(app.configPath);
    expect(user?.config.model_provider).toBe('ollama');
    expect(JSON.stringify(layers)).not.toContain('CODEX_WEB_GATEWAY_SECRET');
  });
});
