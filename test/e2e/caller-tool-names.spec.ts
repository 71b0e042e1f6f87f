import { toEngineToolName } from '../../src/core/turns/caller-tools.js';
import { ChatClient, functionTool as chatTool, tool, user } from '../support/chat.js';
import { createThreadWith, toMcpToml } from '../support/mcp-servers.js';
import { functionTool, ResponsesClient } from '../support/responses.js';
import { App, type Json } from '../support/start-app.js';

/** The engine has tools of these names, always or for some models, or where an operator has MCP servers (0.169.0). */
const ENGINES = [
  ...['apply_patch', 'clock', 'close_agent', 'collaboration', 'create_goal', 'exec', 'exec_command', 'followup_task'],
  ...['functions', 'get_context_remaining', 'get_goal', 'image_generation', 'interrupt_agent', 'list_agents'],
  ...['list_mcp_resource_templates', 'list_mcp_resources', 'local_shell', 'new_context', 'read_mcp_resource'],
  ...['request_permissions', 'request_user_input', 'request_user_input_async', 'resume_agent', 'send_input'],
  ...['send_message', 'shell', 'shell_command', 'sleep', 'spawn_agent', 'tool_search', 'update_goal', 'update_plan'],
  ...['view_image', 'wait', 'wait_agent', 'web_search', 'write_stdin', 'mcp', 'mcp__every__echo'],
];

const OTHERS = ['notes', 'python', 'tools', 'web', 'memories', 'container', 'browser', 'caller__exec', 'weather'];

const NAMES = [...ENGINES, ...OTHERS];

/** The model calls all of them in one answer, where it can. */
const CALL_ALL = [
  ...NAMES.map((name, index) => `${index === 0 ? '' : 'also '}call: ${toEngineToolName(name)} {"city":"${name}"}`),
  'say: Fin.',
].join('\n');

describe('a function of a caller that is called like a tool of the engine', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start({ config: toMcpToml('every') });
    await createThreadWith(app, 'every');
  });

  afterAll(async () => {
    await app.stop();
  });

  it.each([
    ['model', 'scripted-model'],
    ['model', 'gpt-5.5'],
    ['model', 'gpt-6.1-sol'],
    ['agent', 'scripted-model'],
    ['agent', 'gpt-5.5'],
    ['agent', 'gpt-6.1-sol'],
  ])('is the caller’s in chat: %s mode, %s', async (mode, model) => {
    const chat = new ChatClient(app, { 'X-Codex-Mode': mode });
    const tools = NAMES.map((name) => chatTool(name));
    const messages: Json[] = [user(CALL_ALL)];
    const called: Json[] = [];
    let reply = await chat.send({ model, messages, tools });
    while (reply.finishReason === 'tool_calls') {
      const calls = reply.message.tool_calls ?? [];
      called.push(...calls.map(({ function: { name, arguments: args } }) => ({ name, ...(JSON.parse(args) as Json) })));
      messages.push({ ...reply.message }, ...calls.map(({ id }) => tool(id, 'fine')));
      reply = await chat.send({ model, messages, tools });
    }
    expect(called).toEqual(NAMES.map((name) => ({ name, city: name })));
    expect(reply.message.content).toBe('Fin.');
  });

  it.each(['model', 'agent'])('is the caller’s in the Responses API: %s mode', async (mode) => {
    const tools = NAMES.map((name) => functionTool(name));
    const { output } = await new ResponsesClient(app, { 'X-Codex-Mode': mode }).create({ input: CALL_ALL, tools });
    const calls = output.filter(({ type }) => type === 'function_call').map(({ name }) => name);
    expect(calls).toEqual(NAMES);
  });

  it('is refused as a dynamic tool of a thread, whose calls would come under that name', async () => {
    const create = (name: string): ReturnType<App['post']> =>
      app.post('/api/v2/threads', {
        dynamic_tools: [
          { type: 'function', name, description: 'Mine.', input_schema: { type: 'object', properties: {} } },
        ],
      });
    for (const name of ENGINES) {
      const refused = (await create(name).expect(400)).body as { errors: { path: string; message: string }[] };
      const { errors } = refused;
      expect(errors.map(({ path }) => path)).toEqual(['dynamic_tools']);
      expect(errors[0]?.message).toContain(`must not have a tool called ${name}: `);
    }
    const { thread_id: threadId } = (await create('weather').expect(201)).body as { thread_id: string };
    const stream = await app.stream(threadId);
    await app.submit(threadId, 'call: weather {}\nsay: Fin.');
    const { data } = await stream.until('item/tool/call');
    stream.close();
    expect(data.tool).toBe('weather');
  });
});
