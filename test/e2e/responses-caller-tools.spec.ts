import { App, type Json } from '../support/start-app.js';
import { ResponsesClient, textOf } from '../support/responses.js';

const patch: Json = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Edits files.',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
};
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const maps: Json = {
  type: 'namespace',
  name: 'mcp__maps',
  description: 'Maps.',
  tools: [{ type: 'function', name: 'find', description: 'Finds.', parameters, strict: false }],
};

/** The names of the functions that the model was offered last. */
function offered(app: App): string[] {
  const { tools } = app.model.requests.at(-1)?.body ?? {};
  return (tools as { name?: string; type: string }[]).map(({ name, type }) => name ?? type);
}

describe("tools of the caller's that are no plain functions", () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start();
    api = new ResponsesClient(app, { 'x-codex-mode': 'model' });
  });
  afterAll(() => app.stop());

  it('are called in their own forms, and go on with their outputs', async () => {
    const input = [
      'call: caller__apply_patch {"input":"*** Begin\\n+ä\\n"}',
      'also call: caller__mcp__maps__find {"city":"Oslo"}',
      'also call: caller__local_shell {"command":["ls","-l"],"working_directory":"/tmp"}',
      'say: Thank you.',
    ].join('\n');
    const tools = [patch, maps, { type: 'local_shell' }];
    const first = await api.create({ input, tools });
    expect(offered(app)).toEqual(
      expect.arrayContaining(['caller__apply_patch', 'caller__mcp__maps__find', 'caller__local_shell']),
    );
    const sent = app.model.requests.at(-1)?.body.tools as Json[];
    expect(sent.find(({ name }) => name === 'caller__apply_patch')?.description).toMatch(
      /^Edits files\.\n\n.*lark.*\nstart: "x"$/,
    );
    const id = expect.any(String) as string;
    expect(first.output).toEqual([
      {
        ...{ type: 'custom_tool_call', id, call_id: id, name: 'apply_patch', status: 'completed' },
        input: '*** Begin\n+ä\n',
      },
      {
        ...{ type: 'function_call', id, call_id: id, name: 'find', namespace: 'mcp__maps', status: 'completed' },
        arguments: '{"city":"Oslo"}',
      },
      {
        ...{ type: 'local_shell_call', id, call_id: id, status: 'completed' },
        action: {
          ...{ type: 'exec', command: ['ls', '-l'], env: {}, timeout_ms: null },
          ...{ user: null, working_directory: '/tmp' },
        },
      },
    ]);
    expect(first.tools).toEqual([patch, maps, { type: 'local_shell' }]);
    const [custom, found, shell] = first.output;
    const outputs = [
      { type: 'custom_tool_call_output', call_id: custom?.call_id, output: 'patched' },
      { type: 'function_call_output', call_id: found?.call_id, output: 'north' },
      { type: 'local_shell_call_output', id: shell?.call_id, output: 'a.txt' },
    ];
    const second = await api.create({ input: outputs, tools, previous_response_id: first.id });
    expect(textOf(second)).toBe('Thank you.');
    expect(await api.retrieve(first.id)).toEqual(first);
  });

  it('are told in the stream, and again from what is stored', async () => {
    const body = { input: 'call: caller__apply_patch {"input":"x"}', tools: [patch] };
    const events = await api.stream(body);
    expect(events.map(({ type }) => type).slice(2)).toEqual([
      'response.output_item.added',
      'response.custom_tool_call_input.delta',
      'response.custom_tool_call_input.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const { id } = events[0]?.response as { id: string };
    expect(await api.replay(id)).toEqual(events);
  });

  it('come back with the whole history, in the same thread or in a new one', async () => {
    const user = { role: 'user', content: 'call: caller__apply_patch {"input":"x"}\nsay: Done.' };
    for (const store of [true, false]) {
      const made = await api.place({ input: [user], tools: [patch], store });
      const [call] = made.response.output;
      const output = { type: 'custom_tool_call_output', call_id: call?.call_id, output: 'ok' };
      const next = await api.place({ input: [user, call, output], tools: [patch], store });
      expect(textOf(next.response)).toBe('Done.');
      expect([store, next.threadId === made.threadId]).toEqual([store, true]);
    }
    const edited = { ...user, content: `${user.content} ` };
    const call = { type: 'custom_tool_call', call_id: 'c1', name: 'apply_patch', input: 'x' };
    const output = { type: 'custom_tool_call_output', call_id: 'c1', output: 'ok' };
    expect(textOf(await api.create({ input: [edited, call, output], tools: [patch] }))).toBe('Done.');
    const history = app.model.requests.at(-1)?.body.input as Json[];
    expect(history.find(({ type }) => type === 'function_call')).toMatchObject({
      ...{ call_id: 'c1', name: 'caller__apply_patch', arguments: '{"input":"x"}' },
    });
  });

  it('may come within the input, and be demanded', async () => {
    const added = { type: 'additional_tools', role: 'developer', tools: [maps, patch] };
    const input = [added, { role: 'user', content: 'call: caller__mcp__maps__find {"city":"Rome"}' }];
    const choice = { type: 'function', name: 'find', namespace: 'mcp__maps' };
    const { output } = await api.create({ input, tool_choice: choice });
    expect(output).toMatchObject([{ type: 'function_call', name: 'find', namespace: 'mcp__maps' }]);
    expect(offered(app)).not.toContain('caller__apply_patch');
  });

  it('have a name for the model that is no longer than providers allow', async () => {
    const name = 'n'.repeat(60);
    const tools = [{ ...maps, name, tools: [{ type: 'function', name: 'find_it', parameters }] }];
    await api.create({ input: 'say: hi', tools });
    const long = offered(app).find((one) => one.startsWith('nnn')) ?? '';
    expect(long).toMatch(/^n{47}_[0-9a-f]{8}$/);
    const { output } = await api.create({ input: `call: ${long} {"city":"Oslo"}`, tools });
    expect(output).toMatchObject([{ name: 'find_it', namespace: name }]);
  });

  it('are left out where they are not there, and told', async () => {
    const tools = [
      { type: 'web_search', external_web_access: false },
      { type: 'tool_search', execution: 'client' },
      patch,
    ];
    const input = [
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { role: 'user', content: 'say: hi' },
    ];
    const answer = await api.request({ input, tools }).expect(200);
    expect(answer.headers['x-codex-ignored-parameters']).toBe(
      'tools[web_search], tools[tool_search], input[web_search_call]',
    );
    expect(offered(app)).not.toContain('web_search');
  });

  it.each<[string, Json, string]>([
    ['of an unknown kind', { tools: [{ type: 'file_search', vector_store_ids: ['v'] }] }, 'tools[0].type'],
    ['of a server', { tools: [{ type: 'mcp', server_label: 'x', server_url: 'https://x.example' }] }, 'tools[0].type'],
    ['of one name', { tools: [patch, { ...patch }] }, 'tools[1].name'],
    [
      'that must be called and are not there',
      { tools: [{ type: 'web_search' }], tool_choice: 'required' },
      'tool_choice',
    ],
  ])('are refused where they are %s', async (_what, body, param) => {
    const answer = await api.request({ input: 'x', ...body }).expect(400);
    expect((answer.body as { error: Json }).error).toMatchObject({ param });
  });
});
