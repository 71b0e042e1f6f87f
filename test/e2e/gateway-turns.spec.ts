import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FakeUpstream, stream } from '../support/fake-upstream.js';
import { ProviderApp } from '../support/provider-app.js';
import { type Json } from '../support/start-app.js';
import { type Saying, UPSTREAM_WIRES, type UpstreamName } from '../support/upstream-wires.js';

/** One of them has the id of a provider that the engine has built in. */
const IDS: Readonly<Record<UpstreamName, string>> = {
  'LM Studio': 'lm_studio',
  Ollama: 'ollama',
  DeepSeek: 'deepseek',
  Anthropic: 'anthropic',
  Gemini: 'gemini',
};
const NAMES = Object.keys(IDS) as UpstreamName[];
const PATCH = '*** Begin Patch\n*** Add File: notes.txt\n+one\n+two\n*** End Patch\n';

function toConfig(upstream: FakeUpstream): string {
  const providers = NAMES.map((name) => {
    const { wireApi, basePath } = UPSTREAM_WIRES[name];
    return [
      `[model_providers.${IDS[name]}]`,
      `name = "${name}"`,
      `base_url = "${upstream.url}${basePath}"`,
      `wire_api = "${wireApi}"`,
      'env_key = "PROVIDER_KEY"',
      'stream_max_retries = 0',
    ].join('\n');
  });
  return ['model = "some-model"', 'model_provider = "ollama"', ...providers].join('\n');
}

describe('a turn with the engine on a provider that does not speak the Responses API', () => {
  let upstream: FakeUpstream;
  let app: ProviderApp;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    app = await ProviderApp.start({ config: toConfig(upstream), env: { PROVIDER_KEY: 'key-of-the-provider' } });
  });

  afterAll(async () => {
    await app.stop();
    await upstream.close();
  });

  beforeEach(() => {
    upstream.reset();
    rmSync(join(app.scratch.workspace, 'notes.txt'), { force: true });
  });

  const sayings = (name: UpstreamName, ...says: Saying[]): void => {
    upstream.enqueue(...says.map((saying) => stream(...UPSTREAM_WIRES[name].frames(saying))));
  };
  const on = (name: UpstreamName, more: Json = {}): Promise<string> =>
    app.createThread({ model_provider: IDS[name], ...more });
  const shell = (cmd: string): { name: string; input: Json } => ({ name: 'exec_command', input: { cmd } });
  /** Without thoughts, which Gemini's signatures of calls come as. */
  const typesOf = (items: Json[]): unknown[] => items.map(({ type }) => type).filter((type) => type !== 'reasoning');

  describe.each(NAMES)('%s', (name) => {
    it('streams thoughts and text as they come, and counts', async () => {
      sayings(name, { thoughts: ['Let me', ' think.'], text: ['Hel', 'lo'] });
      const { turn, stream: events } = await app.runTurn(await on(name), 'Say hello.');
      expect(turn).toMatchObject({ status: 'completed', token_usage: { input_tokens: 11, output_tokens: 7 } });
      expect(turn.items.map(({ type }) => type)).toEqual(['user_message', 'reasoning', 'agent_message']);
      const deltas = events.events.filter(({ event }) => event === 'item/agentMessage/delta');
      expect(deltas.map(({ data }) => data.delta).join('')).toBe('Hello');
      expect(JSON.stringify(upstream.last.body)).toContain('Say hello.');
      expect(JSON.stringify(upstream.last.headers)).toContain('key-of-the-provider');
    });

    it('runs a command, and tells the model what came of it', async () => {
      sayings(
        name,
        { text: ['I run it.'], calls: [shell('echo made > notes.txt; sleep 0.2; echo out-7')] },
        { text: ['Done.'] },
      );
      const { turn } = await app.runTurn(await on(name), 'Run it.');
      expect(turn.status).toBe('completed');
      expect(typesOf(turn.items)).toEqual(['user_message', 'agent_message', 'command_execution', 'agent_message']);
      expect(readFileSync(join(app.scratch.workspace, 'notes.txt'), 'utf8')).toBe('made\n');
      expect(UPSTREAM_WIRES[name].toolResults(upstream.last.body).join()).toContain('out-7');
    });

    it('patches a file through the shell', async () => {
      sayings(name, { calls: [shell(`apply_patch <<'END'\n${PATCH}END`)] }, { text: ['Done.'] });
      const { turn } = await app.runTurn(await on(name), 'Patch it.');
      expect(typesOf(turn.items)).toEqual(['user_message', 'file_change', 'agent_message']);
      expect(readFileSync(join(app.scratch.workspace, 'notes.txt'), 'utf8')).toBe('one\ntwo\n');
    });

    it('patches a file with the freeform tool of a model that the engine knows', async () => {
      sayings(name, { calls: [{ name: 'apply_patch', input: { input: PATCH } }] }, { text: ['Done.'] });
      const { turn } = await app.runTurn(await on(name, { model: 'gpt-5.5' }), 'Patch it.');
      expect(typesOf(turn.items)).toEqual(['user_message', 'file_change', 'agent_message']);
      expect(readFileSync(join(app.scratch.workspace, 'notes.txt'), 'utf8')).toBe('one\ntwo\n');
      expect(UPSTREAM_WIRES[name].toolNames(upstream.last.body)).toContain('apply_patch');
    });

    it('runs two calls that came at once, and gives each its own result', async () => {
      const calls = [shell('sleep 0.2; echo first-out'), shell('sleep 0.2; echo second-out')];
      sayings(name, { calls }, { text: ['Both done.'] });
      const { turn } = await app.runTurn(await on(name), 'Run both.');
      expect(typesOf(turn.items).sort()).toEqual([
        'agent_message',
        'command_execution',
        'command_execution',
        'user_message',
      ]);
      const [first, second] = UPSTREAM_WIRES[name].toolResults(upstream.last.body);
      expect(first).toContain('first-out');
      expect(second).toContain('second-out');
    });
  });

  it('goes on with the whole conversation in the next turn, and after a restart', async () => {
    const threadId = await on('Ollama');
    sayings('Ollama', { text: ['One.'] }, { text: ['Two.'] });
    await app.runTurn(threadId, 'First.');
    await app.server.signal('SIGTERM');
    await app.restart();
    const { turn } = await app.runTurn(threadId, 'Second.');
    expect(turn.status).toBe('completed');
    const messages = upstream.last.body.messages as { role: string; content: string }[];
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(messages[2]?.content).toBe('One.');
    const thread = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    expect(thread.body).toMatchObject({ model_provider: 'ollama', model: 'some-model' });
  });

  it('answers in the shape that a turn asks for', async () => {
    sayings('LM Studio', { text: ['{"ok":', 'true}'] });
    const schema = {
      type: 'object',
      properties: { ok: { type: 'boolean' } },
      required: ['ok'],
      additionalProperties: false,
    };
    const { turn } = await app.runTurn(await on('LM Studio'), 'Is it?', { output_schema: schema });
    expect(turn.status).toBe('completed');
    expect(upstream.last.body.response_format).toMatchObject({ type: 'json_schema', json_schema: { schema } });
  });

  it('keeps the secret of the gateway from commands, from the command line and from the log', async () => {
    sayings('LM Studio', { calls: [shell('env > env.txt; cat /proc/$PPID/cmdline >> env.txt')] }, { text: ['Done.'] });
    await app.runTurn(await on('LM Studio'), 'Look around.');
    const seen = readFileSync(join(app.scratch.workspace, 'env.txt'), 'utf8');
    expect(seen).toContain('CODEX_THREAD_ID=');
    expect(seen).not.toContain('PROVIDER_KEY');
    expect(seen).not.toContain('CODEX_WEB_GATEWAY_SECRET=');
    expect(existsSync(join(app.scratch.dataDir, 'codex-home', 'config.toml'))).toBe(true);
    expect(app.server.output).not.toContain('key-of-the-provider');
  });
});
