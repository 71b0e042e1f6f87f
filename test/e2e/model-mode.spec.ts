import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelRequest } from '../../src/demo/scripted-model/model-request.js';
import { ChatClient, functionTool as chatTool, system, toStory, tool, user } from '../support/chat.js';
import { enginePids, until } from '../support/engine-processes.js';
import { functionTool, outputsOf, ResponsesClient } from '../support/responses.js';
import { App, type Json } from '../support/start-app.js';

const MODELS = ['scripted-model', 'gpt-5.5', 'gpt-6.1-sol'];

/** What an operator can switch on, and the engine then tells to models or offers them. */
const FEATURES = [
  ...['agent_message_board', 'artifact', 'code_mode', 'context_management', 'current_time_reminder'],
  ...['default_mode_request_user_input', 'goals', 'hooks', 'memories', 'multi_agent_v2', 'request_permissions_tool'],
  ...['skill_search', 'standalone_web_search', 'terminal_visualization_instructions', 'token_budget', 'tool_suggest'],
];

const WORDS = `developer_instructions = "OPERATOR's developer instructions"
compact_prompt = "OPERATOR's prompt for compaction"
instructions = "OPERATOR's instructions"
commit_attribution = "OPERATOR's name"
personality = "friendly"
web_search = "live"
[features]
${FEATURES.map((name) => `${name} = true\n`).join('')}`;

/** A skill in the folder `parent`, whose text is told to a model as soon as a text has its name after a `$`. */
function writeSkill(parent: string, name: string): void {
  mkdirSync(join(parent, name), { recursive: true });
  const head = `---\nname: ${name}\ndescription: OPERATOR's skill\n---\n`;
  writeFileSync(join(parent, name, 'SKILL.md'), `${head}OPERATOR's words of the skill ${name}.\n`);
}

/** The operator's in three places, and two that the engine brings with it. */
const SKILLS = '$opskill $projectskill $homeskill $imagegen $skill-creator';

/** An MCP server that never answers, and leaves a mark when it is run. */
function toServer(name: string, mark: string): string {
  const script = `echo ${name} >> ${mark}; exec cat > /dev/null`;
  return `[mcp_servers.${name}]\ncommand = "/bin/sh"\nargs = ["-c", ${JSON.stringify(script)}]\n`;
}

/** A request to the model without what is another one each time. */
function toComparable({ body }: ModelRequest): unknown {
  const others = Object.entries(body).filter(([key]) => key !== 'client_metadata' && key !== 'prompt_cache_key');
  const withoutIds = (key: string, value: unknown): unknown => (/^(?:call_)?id$/.test(key) ? key : value);
  const text = JSON.stringify(Object.fromEntries(others), withoutIds).replace(/Wall time [\d.]+ seconds/g, 'Wall time');
  return JSON.parse(text) as unknown;
}

/** A home without anything, and one that has whatever an operator can write for agents, in the folder of the threads too. */
describe('model mode', () => {
  let bare: App;
  let full: App;

  beforeAll(async () => {
    bare = await App.start({ args: ['--allow-config-admin'] });
    const env: Record<string, string> = {};
    full = await App.start({ config: WORDS, env });
    await full.server.signal('SIGKILL');
    const { codexHome, workspace, root } = full.scratch;
    env.HOME = join(root, 'home');
    writeFileSync(join(codexHome, 'AGENTS.md'), "OPERATOR's AGENTS.md");
    writeFileSync(join(workspace, 'AGENTS.md'), "OPERATOR's words of the project.");
    writeSkill(join(codexHome, 'skills'), 'opskill');
    writeSkill(join(workspace, '.agents/skills'), 'projectskill');
    writeSkill(join(env.HOME, '.agents/skills'), 'homeskill');
    mkdirSync(join(codexHome, 'rules'), { recursive: true });
    writeFileSync(join(codexHome, 'rules/default.rules'), 'prefix_rule(pattern=["operators"], decision="allow")\n');
    mkdirSync(join(workspace, '.codex'), { recursive: true });
    writeFileSync(join(workspace, '.codex/config.toml'), toServer('projects', mark()));
    const servers = `${toServer('operators', mark())}[mcp_servers."with.dot"]\nurl = "http://127.0.0.1:9/mcp"\n`;
    appendFileSync(join(codexHome, 'config.toml'), servers);
    await full.restart(['--trust-folder', workspace]);
  });

  afterAll(async () => {
    await bare.stop();
    await full.stop();
  });

  const mark = (): string => join(full.scratch.codexHome, 'servers-that-ran');

  /** All requests to the model that this makes, on both servers. */
  async function requestsOf(act: (app: App) => Promise<unknown>): Promise<[unknown[], unknown[]]> {
    const made = async (app: App): Promise<unknown[]> => {
      const before = app.model.requests.length;
      await act(app);
      return app.model.requests.slice(before).map(toComparable);
    };
    return [await made(bare), await made(full)];
  }

  it.each(MODELS)('sends to %s what it sends where an operator has written nothing: chat', async (model) => {
    const tools = [chatTool('weather')];
    const opening = [system('Be brief.'), user(`Use ${SKILLS}.\ncall: weather {"city":"Oslo"}\nsay: Cold.`)];
    const [ofBare, ofFull] = await requestsOf(async (app) => {
      const chat = new ChatClient(app);
      const asked = await chat.send({ model, messages: opening, tools });
      const answered = [...opening, { ...asked.message }, tool(asked.message.tool_calls?.[0]?.id, 'cold')];
      const reply = await chat.send({ model, messages: answered, tools });
      expect(reply.message.content).toBe('Cold.');
      await chat.send({ model, messages: [...answered, { ...reply.message }, user('say: On.')], tools });
      await chat.send({
        model,
        messages: [system('Shout.'), ...answered, { ...reply.message }, user('say: ON.')],
        tools,
      });
    });
    expect(ofFull).toEqual(ofBare);
    expect(ofBare).toHaveLength(4);
  });

  it.each(MODELS)('sends to %s what it sends where an operator has written nothing: responses', async (model) => {
    const responses = (app: App): ResponsesClient => new ResponsesClient(app, { 'X-Codex-Mode': 'model' });
    const tools = [functionTool('weather')];
    const more = { model, tools, instructions: 'Be brief.' };
    const [ofBare, ofFull] = await requestsOf(async (app) => {
      const input = `Use ${SKILLS}.\ncall: weather {"city":"Oslo"}\nsay: Cold.`;
      const asked = await responses(app).create({ ...more, input });
      const answered = await responses(app).create({
        ...more,
        previous_response_id: asked.id,
        input: outputsOf(asked),
      });
      await responses(app).create({ ...more, previous_response_id: answered.id, input: 'say: On.' });
      const other = { ...more, previous_response_id: answered.id, instructions: 'Shout.' };
      await responses(app).create({ ...other, input: 'say: From a copy.' });
    });
    expect(ofFull).toEqual(ofBare);
    expect(ofBare).toHaveLength(4);
  });

  it('sends to a model outside of the catalogue just what its caller sent', async () => {
    const text = `Use ${SKILLS}.\nsay: Hi.`;
    const messages = [system('Be brief.'), user(text)];
    await new ChatClient(full).send({ messages, tools: [chatTool('weather')], tool_choice: 'none' });
    await new ChatClient(full).send({ messages, tools: [chatTool('weather')] });
    const [without, withTools] = full.model.requests.slice(-2);
    expect(without && toStory(without)).toEqual(['developer: Be brief.', `user: ${text}`]);
    expect(without?.tools.map(({ name }) => name)).toEqual(['request_user_input']);
    expect(withTools && toStory(withTools)).toEqual(['developer: Be brief.', `user: ${text}`]);
    expect(withTools?.tools.map(({ name }) => name).sort()).toEqual(['request_user_input', 'weather']);
  });

  it('stays so after a crash, and when the thread is gone on with natively', async () => {
    const chat = new ChatClient(full);
    const opening = [system('Be brief.'), user('say: One.')];
    const first = await chat.send({ messages: opening });
    await full.server.signal('SIGKILL');
    await full.restart(['--trust-folder', full.scratch.workspace]);
    const second = await chat.send({ messages: [...opening, { ...first.message }, user('say: Two.')] });
    expect(second.threadId).toBe(first.threadId);
    await full.runTurn(second.threadId, 'say: Three.');
    expect(full.model.requests.slice(-1).flatMap(toStory)).toEqual([
      ...['developer: Be brief.', 'user: say: One.', 'assistant: One.'],
      ...['user: say: Two.', 'assistant: Two.', 'user: say: Three.'],
    ]);
    const stream = await full.stream(second.threadId);
    await stream.until('stream/live');
    await full.post(`/api/v2/threads/${second.threadId}/compact`).expect(202);
    await stream.until('turn/completed');
    stream.close();
    expect(JSON.stringify(full.model.requests.at(-1)?.body)).toContain('CONTEXT CHECKPOINT COMPACTION');
    expect(JSON.stringify(full.model.requests.at(-1)?.body)).not.toContain('OPERATOR');
    const fork = await full.post(`/api/v2/threads/${second.threadId}/fork`).expect(201);
    await full.runTurn((fork.body as { thread_id: string }).thread_id, 'say: Four.');
    const last = full.model.requests.at(-1);
    expect(last && toStory(last).at(-1)).toBe('user: say: Four.');
    expect(JSON.stringify(last?.body)).not.toContain('OPERATOR');
  });

  it('runs no server of the operator, also where a model calls one that it was not offered', async () => {
    const reply = await new ChatClient(full).say('mcp: operators anything {}\nsay: Fin.');
    expect(reply.message.content).toBe('Fin.');
    expect(existsSync(mark())).toBe(false);
    const threadId = await full.createThread();
    await full.runTurn(threadId, `Use ${SKILLS}.\nsay: An agent has them all.`);
    const sent = JSON.stringify(full.model.requests.at(-1)?.body);
    const skills = ['opskill', 'projectskill', 'homeskill'].map((name) => `words of the skill ${name}`);
    const words = ['developer instructions', 'AGENTS.md', 'words of the project', ...skills];
    expect(words.filter((word) => !sent.includes(`OPERATOR's ${word}`))).toEqual([]);
    expect(new Set(readFileSync(mark(), 'utf8').split('\n'))).toEqual(new Set(['operators', 'projects', '']));
  });

  it('takes up nothing that the operator writes while a conversation goes on', async () => {
    const chat = new ChatClient(bare);
    const first = await chat.say('say: One.');
    const { codexHome } = bare.scratch;
    writeFileSync(join(codexHome, 'AGENTS.md'), "OPERATOR's afterthought");
    writeSkill(join(codexHome, 'skills'), 'lateskill');
    const ran = join(codexHome, 'servers-that-ran');
    const edits = [
      { key_path: 'developer_instructions', value: "OPERATOR's afterthought" },
      { key_path: 'mcp_servers.byroute', value: { command: '/bin/sh', args: ['-c', `echo byroute >> ${ran}; cat`] } },
    ];
    await bare.patch('/api/v2/config', { edits }).expect(200);
    appendFileSync(join(codexHome, 'config.toml'), toServer('byhand', ran));
    await bare.post('/api/v2/mcp/servers/refresh').expect(200);
    const messages = [user('say: One.'), { ...first.message }, user('Use $lateskill.\nsay: Two.')];
    const second = await chat.send({ messages });
    expect(second.threadId).toBe(first.threadId);
    const last = bare.model.requests.at(-1);
    expect(last && toStory(last)).toEqual(['user: say: One.', 'assistant: One.', 'user: Use $lateskill.\nsay: Two.']);
    expect(last?.tools.map(({ name }) => name)).toEqual(['request_user_input']);
    await chat.say('Use $lateskill.\nsay: In a new one.');
    const newest = bare.model.requests.at(-1);
    expect(newest && toStory(newest)).toEqual(['user: Use $lateskill.\nsay: In a new one.']);
    expect(newest?.tools.map(({ name }) => name)).toEqual(['request_user_input']);
    expect(existsSync(ran)).toBe(false);
  });
});

describe('the engine processes for bare models', () => {
  it('are started with the first thread in need of one, see the same threads, and are started again when they die', async () => {
    const app = await App.start();
    try {
      const threadId = await app.createThread();
      await app.runTurn(threadId, 'say: An agent.');
      expect(enginePids(app)).toHaveLength(1);
      const chat = new ChatClient(app);
      const replies = await Promise.all(['say: One.', 'say: Two.', 'say: Three.'].map((text) => chat.say(text)));
      expect(replies.map(({ message }) => message.content)).toEqual(['One.', 'Two.', 'Three.']);
      const [, pid = 0, ...others] = enginePids(app);
      expect(others).toEqual([]);
      const { data } = (await app.get('/api/v2/threads').expect(200)).body as { data: Json[] };
      const ids = [threadId, ...replies.map((reply) => reply.threadId)];
      expect(data.map(({ thread_id: id }) => id).sort()).toEqual(ids.sort());
      process.kill(pid, 'SIGKILL');
      await until(() => enginePids(app).length === 2 && !enginePids(app).includes(pid));
      const [first] = replies;
      const messages = [user('say: One.'), { ...first?.message }, user('say: Again.')];
      expect(await chat.send({ messages })).toMatchObject({
        threadId: first?.threadId,
        message: { content: 'Again.' },
      });
    } finally {
      await app.stop();
    }
  });
});
