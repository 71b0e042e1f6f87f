import { GatewayClient } from '../../support/gateway-client.js';
import { stream } from '../../support/fake-upstream.js';
import { type Json } from '../../support/start-app.js';
import { UPSTREAM_WIRES, type UpstreamName } from '../../support/upstream-wires.js';

const PIXEL = 'iVBORw0KGgo=';
const image = { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}`, detail: 'auto' };
const message = (role: string, ...texts: string[]): Json => ({
  type: 'message',
  role,
  content: texts.map((text) => ({ type: role === 'assistant' ? 'output_text' : 'input_text', text })),
});
const parameters = { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] };
const shell = { type: 'function', name: 'exec_command', description: 'Runs it.', strict: false, parameters };
const patch = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Edits files. This is a FREEFORM tool, so do not wrap the patch in JSON.',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
};
const spawnAgent = { type: 'function', name: 'spawn', description: 'Spawns.', parameters: {} };
const team = { type: 'namespace', name: 'team', tools: [spawnAgent] };

/** A history as the engine sends it in the middle of a turn: two calls at once, one of them freeform. */
const HISTORY: Json[] = [
  message('developer', 'Be a coding agent.'),
  message('developer', 'Skills.', 'Permissions.'),
  message('user', '<environment_context>'),
  { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'What is this?' }, image] },
  { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'I look.' }], encrypted_content: null },
  message('assistant', 'I look at it.'),
  { type: 'function_call', call_id: 'c1', name: 'exec_command', arguments: '{"cmd":"ls"}' },
  { type: 'custom_tool_call', call_id: 'c2', name: 'apply_patch', input: '*** Begin Patch\n' },
  { type: 'function_call', call_id: 'c3', name: 'spawn', namespace: 'team', arguments: '' },
  { type: 'function_call_output', call_id: 'c1', output: 'a.txt' },
  { type: 'custom_tool_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'Done.' }] },
  { type: 'function_call_output', call_id: 'c3', output: [image] },
];

describe('a request on its way to the provider', () => {
  let client: GatewayClient;

  beforeAll(async () => {
    client = await GatewayClient.start();
  });

  afterAll(async () => {
    await client.stop();
  });

  beforeEach(() => {
    client.upstream.reset();
    client.warnings.length = 0;
  });

  /** What the provider gets. */
  async function send(name: UpstreamName, body: Json): Promise<Json> {
    const { response } = await client.ask(name, body, stream(...UPSTREAM_WIRES[name].frames({ text: ['ok'] })));
    expect(response.error).toBeUndefined();
    return client.upstream.last.body;
  }

  const system = 'Be a coding agent.\n\nSkills.\n\nPermissions.';
  const imageUrl = { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } };

  it('has the whole history in the words of chat completions, with pictures from tools in the place of the user', async () => {
    const body = await send('LM Studio', { input: HISTORY, tools: [shell, patch, team], tool_choice: 'auto' });
    const call = (id: string, name: string, args: string): Json => ({
      id,
      type: 'function',
      function: { name, arguments: args },
    });
    expect(body.messages).toEqual([
      { role: 'system', content: system },
      { role: 'user', content: [{ type: 'text', text: '<environment_context>\n\nWhat is this?' }, imageUrl] },
      {
        role: 'assistant',
        content: 'I look at it.',
        reasoning_content: 'I look.',
        tool_calls: [
          call('c1', 'exec_command', '{"cmd":"ls"}'),
          call('c2', 'apply_patch', '{"input":"*** Begin Patch\\n"}'),
          call('c3', 'team__spawn', '{}'),
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'a.txt' },
      { role: 'tool', tool_call_id: 'c2', content: 'Done.' },
      { role: 'tool', tool_call_id: 'c3', content: 'The tool has answered with what follows.' },
      { role: 'user', content: [{ type: 'text', text: 'What the tool has answered with:' }, imageUrl] },
    ]);
    expect(body).toMatchObject({ model: 'model-1', stream: true, stream_options: { include_usage: true } });
    expect(body.tool_choice).toBeUndefined();
  });

  it('offers a freeform tool as a function with one string, and tells its grammar in words', async () => {
    const { tools } = await send('LM Studio', { input: 'hi', tools: [shell, patch, team] });
    const description =
      'Edits files.\n\nPut the whole text, as it is, into "input".\n\n' +
      'The text must follow this lark grammar:\nstart: "x"';
    const input = { type: 'string', description: 'The text for the tool.' };
    expect(tools).toEqual([
      { type: 'function', function: { name: 'exec_command', description: 'Runs it.', parameters } },
      {
        type: 'function',
        function: {
          name: 'apply_patch',
          description,
          parameters: { type: 'object', properties: { input }, required: ['input'], additionalProperties: false },
        },
      },
      {
        type: 'function',
        function: { name: 'team__spawn', description: 'Spawns.', parameters: { type: 'object', properties: {} } },
      },
    ]);
  });

  it('keeps results of tools with their pictures together for Anthropic, and marks what is to be cached', async () => {
    const body = await send('Anthropic', { input: HISTORY, tools: [shell, patch, team] });
    const cache = { type: 'ephemeral' };
    const source = { type: 'base64', media_type: 'image/png', data: PIXEL };
    expect(body.system).toEqual([{ type: 'text', text: system, cache_control: cache }]);
    expect(body.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: '<environment_context>\n\nWhat is this?' },
          { type: 'image', source },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I look at it.' },
          { type: 'tool_use', id: 'c1', name: 'exec_command', input: { cmd: 'ls' } },
          { type: 'tool_use', id: 'c2', name: 'apply_patch', input: { input: '*** Begin Patch\n' } },
          { type: 'tool_use', id: 'c3', name: 'team__spawn', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c1', content: 'a.txt' },
          { type: 'tool_result', tool_use_id: 'c2', content: 'Done.' },
          {
            type: 'tool_result',
            tool_use_id: 'c3',
            content: [
              { type: 'text', text: 'The tool has answered with what follows.' },
              { type: 'image', source },
            ],
            cache_control: cache,
          },
        ],
      },
    ]);
  });

  it('has contents, function calls and function responses for Gemini', async () => {
    const body = await send('Gemini', { input: HISTORY, tools: [shell, patch, team] });
    expect(body.systemInstruction).toEqual({ parts: [{ text: system }] });
    const inlineData = { mimeType: 'image/png', data: PIXEL };
    const [user, model, results] = body.contents as { role: string; parts: Json[] }[];
    expect(user).toEqual({ role: 'user', parts: [{ text: '<environment_context>\n\nWhat is this?' }, { inlineData }] });
    expect(model?.parts.map(({ functionCall }) => functionCall).filter(Boolean)).toEqual([
      expect.objectContaining({ name: 'exec_command', args: { cmd: 'ls' } }),
      expect.objectContaining({ name: 'apply_patch', args: { input: '*** Begin Patch\n' } }),
      expect.objectContaining({ name: 'team__spawn', args: {} }),
    ]);
    const responses = results?.parts.map(({ functionResponse }) => functionResponse as Json | undefined);
    expect(responses?.filter(Boolean).map((response) => response?.name)).toEqual([
      'exec_command',
      'apply_patch',
      'team__spawn',
    ]);
    expect(JSON.stringify(results)).toContain(PIXEL);
  });

  it('gives DeepSeek its thoughts back', async () => {
    const { messages } = await send('DeepSeek', { input: HISTORY, tools: [shell, patch, team] });
    expect((messages as Json[])[2]).toMatchObject({ role: 'assistant', reasoning_content: 'I look.' });
  });

  it('does not send the thoughts of earlier turns to servers on the chat wire', async () => {
    const input = [...HISTORY, message('user', 'And now?')];
    const { messages } = await send('LM Studio', { input, tools: [shell, patch, team] });
    expect(JSON.stringify(messages)).not.toContain('I look."');
  });

  it('tells a later system message in the place of the user, as most providers take none there', async () => {
    const input = [message('system', 'A'), message('user', 'B'), message('developer', 'C'), message('user', 'D')];
    const { messages } = await send('Ollama', { input, instructions: 'I' });
    expect(messages).toEqual([
      { role: 'system', content: 'I\n\nA' },
      { role: 'user', content: 'B\n\n<system>\nC\n</system>\n\nD' },
    ]);
  });

  it.each([
    ['LM Studio', (schema: Json) => ({ response_format: { json_schema: { schema, strict: true, name: 'answer' } } })],
    ['Gemini', () => ({ generationConfig: { responseMimeType: 'application/json' } })],
  ] as const)('asks %s for an answer of the shape that is wanted', async (name, toExpected) => {
    const schema = {
      type: 'object',
      properties: { ok: { type: 'boolean' } },
      required: ['ok'],
      additionalProperties: false,
    };
    const text = { format: { type: 'json_schema', name: 'answer', strict: true, schema } };
    expect(await send(name, { input: 'hi', text })).toMatchObject(toExpected(schema));
  });

  it('puts the schema into words for DeepSeek, which has no other place for it', async () => {
    const text = { format: { type: 'json_schema', name: 'answer', schema: { type: 'object', title: 'Only here' } } };
    const body = await send('DeepSeek', { input: 'hi', text });
    expect(body.response_format).toEqual({ type: 'json_object' });
    expect(JSON.stringify(body.messages)).toContain('Only here');
  });

  it('passes on effort, sampling, the choice of a tool and that calls come one by one', async () => {
    const body = await send('LM Studio', {
      input: 'hi',
      tools: [shell],
      tool_choice: { type: 'function', name: 'exec_command' },
      parallel_tool_calls: false,
      reasoning: { effort: 'high' },
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 99,
    });
    expect(body).toMatchObject({
      tool_choice: { type: 'function', function: { name: 'exec_command' } },
      parallel_tool_calls: false,
      reasoning_effort: 'high',
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 99,
    });
  });

  it('gives the tools that a search has found, and those that come with the history', async () => {
    const found = { type: 'function', name: 'late', parameters: {} };
    const search = { type: 'tool_search', execution: 'client', description: 'Finds tools.', parameters };
    const input = [
      { type: 'additional_tools', tools: [{ type: 'custom', name: 'exec', description: 'Code.' }] },
      message('user', 'hi'),
      { type: 'tool_search_call', call_id: 's1', execution: 'client', arguments: { query: 'x' } },
      { type: 'tool_search_output', call_id: 's1', tools: [found] },
    ];
    const body = await send('LM Studio', { input, tools: [search] });
    expect(UPSTREAM_WIRES['LM Studio'].toolNames(body)).toEqual(['tool_search', 'exec', 'late']);
    expect(UPSTREAM_WIRES['LM Studio'].toolResults(body)).toEqual(['These tools can be called now: late.']);
  });

  it("sends the engine's key and the configured headers and parameters, and nothing else of the engine's", async () => {
    client.upstream.enqueue(stream(...UPSTREAM_WIRES.Anthropic.frames({ text: ['ok'] })));
    const headers = { 'x-team': 'blue', 'x-codex-window-id': 'w' };
    await (await client.post('Anthropic', { input: 'hi' }, { headers, query: '?api-version=7' })).text();
    const { last } = client.upstream;
    expect(last.path).toBe('/v1/messages?api-version=7');
    expect(last.headers).toMatchObject({ 'x-api-key': 'key-1', 'x-team': 'blue' });
    expect(Object.keys(last.headers)).not.toContain('x-codex-window-id');
    expect(JSON.stringify(last.headers)).not.toContain(client.gateway.secret.value);
  });

  it('leaves out what only the Responses API has, with one warning', async () => {
    const body = { input: 'hi', tools: [{ type: 'web_search' }], text: { verbosity: 'low' } };
    await send('LM Studio', body);
    await send('LM Studio', body);
    expect(client.warnings).toEqual([
      'Model gateway, LM Studio: The tool "web_search" is left out: only the Responses API has it.',
      'Model gateway, LM Studio: "text.verbosity" is left out: only the Responses API has it.',
    ]);
  });

  it.each([
    [
      'a history that was compacted by another provider',
      [{ type: 'compaction', encrypted_content: 'x' }],
      '"compaction"',
    ],
    ['an item that is only named', [{ type: 'item_reference', id: 'x' }], '"item_reference"'],
    ['a picture that is only named', [{ role: 'user', content: [{ type: 'input_image', file_id: 'x' }] }], 'An image'],
    [
      'an output without its call',
      [{ type: 'function_call_output', call_id: 'x', output: '' }],
      'The output of a call',
    ],
  ])('refuses %s, since the answer would be wrong', async (_name, input, words) => {
    const { response } = await client.ask('LM Studio', { input });
    expect(response).toMatchObject({ status: 'failed', error: { code: 'invalid_prompt' } });
    expect(response.error?.message).toContain(words);
    expect(client.upstream.requests).toEqual([]);
  });
});
