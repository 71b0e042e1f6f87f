import { type Answered, askInSteps, GatewayClient } from '../../support/gateway-client.js';
import { stream } from '../../support/fake-upstream.js';
import { type Json } from '../../support/start-app.js';
import { type Saying, UPSTREAM_WIRES, type UpstreamName } from '../../support/upstream-wires.js';

const NAMES = Object.keys(UPSTREAM_WIRES) as UpstreamName[];
const shell = { type: 'function', name: 'exec_command', parameters: { type: 'object', properties: {} } };
const patch = { type: 'custom', name: 'apply_patch', description: 'Edits files.' };
const team = { type: 'namespace', name: 'mcp__team', tools: [{ type: 'function', name: 'spawn', parameters: {} }] };
const tools = [shell, patch, team];

describe('an answer on its way back', () => {
  let client: GatewayClient;

  beforeAll(async () => {
    client = await GatewayClient.start();
  });

  afterAll(async () => {
    await client.stop();
  });

  beforeEach(() => {
    client.upstream.reset();
  });

  const say = (name: UpstreamName, saying: Saying, body: Json = {}): Promise<Answered> =>
    client.ask(name, { input: 'hi', tools, ...body }, stream(...UPSTREAM_WIRES[name].frames(saying)));

  const deltas = ({ events }: Answered, type: string): unknown[] =>
    events.filter(({ event }) => event === type).map(({ data }) => data.delta);

  it.each(NAMES)('streams text from %s as it comes, in the order of the Responses API', async (name) => {
    const answered = await askInSteps(client, name, { input: 'hi' }, { text: ['Hel', 'lo'] });
    expect(answered.events.map(({ event }) => event)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(answered.events.map(({ data }) => data.sequence_number)).toEqual(answered.events.map((_, index) => index));
    expect(answered.events.every(({ event, data }) => event === data.type)).toBe(true);
    expect(deltas(answered, 'response.output_text.delta')).toEqual(['Hel', 'lo']);
    expect(answered.response.output).toMatchObject([
      { type: 'message', content: [{ type: 'output_text', text: 'Hello' }] },
    ]);
  });

  it.each([
    ['LM Studio', 'response.reasoning_text.delta', 'content'],
    ['Ollama', 'response.reasoning_text.delta', 'content'],
    ['DeepSeek', 'response.reasoning_text.delta', 'content'],
    ['Anthropic', 'response.reasoning_summary_text.delta', 'summary'],
    ['Gemini', 'response.reasoning_summary_text.delta', 'summary'],
  ] as const)('streams what %s thinks before it speaks', async (name, type, field) => {
    const saying = { thoughts: ['Let me', ' think'], text: ['Yes'] };
    const answered = await askInSteps(client, name, { input: 'hi' }, saying);
    expect(deltas(answered, type)).toEqual(['Let me', ' think']);
    const [reasoning, message] = answered.response.output;
    expect(reasoning).toMatchObject({ type: 'reasoning', [field]: [{ text: 'Let me think' }] });
    expect(message).toMatchObject({ type: 'message' });
  });

  it.each(NAMES)('tells several calls of %s at once, each with its own id and arguments', async (name) => {
    const calls = [
      { name: 'exec_command', input: { cmd: 'ls -la' } },
      { name: 'mcp__team__spawn', input: { who: 'two' } },
    ];
    const answered = await say(name, { calls });
    const items = answered.response.output.filter(({ type }) => type === 'function_call');
    expect(items).toMatchObject([
      { name: 'exec_command', arguments: '{"cmd":"ls -la"}' },
      { name: 'spawn', namespace: 'mcp__team', arguments: '{"who":"two"}' },
    ]);
    expect(new Set(items.map(({ call_id: id }) => id)).size).toBe(2);
    for (const item of items) {
      const pieces = answered.events.filter(
        ({ event, data }) => event === 'response.function_call_arguments.delta' && data.item_id === item.id,
      );
      expect(pieces.map(({ data }) => data.delta).join('')).toBe(item.arguments);
      const [added] = answered.events.filter(
        ({ event, data }) => event === 'response.output_item.added' && (data.item as Json).id === item.id,
      );
      const [done] = answered.events.filter(
        ({ event, data }) => event === 'response.output_item.done' && (data.item as Json).id === item.id,
      );
      expect(added?.data.output_index).toBe(done?.data.output_index);
    }
    expect(answered.response.status).toBe('completed');
  });

  it('joins what comes at once, and loses nothing of it', async () => {
    const text = Array.from({ length: 2_000 }, (_, index) => `${String(index)} `);
    const answered = await say('LM Studio', { text });
    const told = deltas(answered, 'response.output_text.delta');
    expect(told.join('')).toBe(text.join(''));
    expect(told.length).toBeLessThan(text.length);
  });

  it.each(NAMES)('makes a freeform call of what %s calls with one string', async (name) => {
    const input = '*** Begin Patch\n*** End Patch\n';
    const { response } = await say(name, { calls: [{ name: 'apply_patch', input: { input } }] });
    expect(response.output[0]).toMatchObject({ type: 'custom_tool_call', name: 'apply_patch', input });
  });

  it.each([
    ['another name for the parameter', { patch: 'TEXT' }],
    ['more than the parameter', { reason: 1, input: 'TEXT' }],
  ])('understands a freeform call with %s', async (_name, input) => {
    const { response } = await say('LM Studio', { calls: [{ name: 'apply_patch', input }] });
    expect(response.output[0]).toMatchObject({ type: 'custom_tool_call', input: 'TEXT' });
  });

  it('gives an id of its own to a call whose id the history has already', async () => {
    const earlier = [
      { role: 'user', content: 'hi' },
      { type: 'function_call', call_id: '365174485', name: 'exec_command', arguments: '{}' },
      { type: 'function_call_output', call_id: '365174485', output: 'x' },
    ];
    const { response } = await say(
      'LM Studio',
      { calls: [{ name: 'exec_command', input: { cmd: 'x' } }] },
      { input: earlier },
    );
    expect(response.output[0]?.call_id).toMatch(/^call_/);
  });

  it('makes a search of tools of the call that asks for one', async () => {
    const search = { type: 'tool_search', execution: 'client', description: 'Finds.', parameters: { type: 'object' } };
    const calls = [{ name: 'tool_search', input: { query: 'x' } }];
    const { response } = await say('LM Studio', { calls }, { tools: [search] });
    expect(response.output).toMatchObject([
      { type: 'tool_search_call', execution: 'client', status: 'completed', arguments: { query: 'x' } },
    ]);
  });

  it.each([
    ['LM Studio', 0, 0],
    ['DeepSeek', 5, 3],
    ['Gemini', 5, 3],
    ['Anthropic', 5, 0],
  ] as const)('counts the tokens of %s, cached ones and those of thoughts too', async (name, cached, reasoning) => {
    const { response } = await say(name, { text: ['ok'] });
    expect(response.usage).toEqual({
      input_tokens: 11,
      input_tokens_details: { cached_tokens: cached },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: 18,
    });
  });

  it.each([
    ['LM Studio', 'length'],
    ['Anthropic', 'max_tokens'],
    ['Gemini', 'MAX_TOKENS'],
  ] as const)('says that an answer of %s was cut off at its limit', async (name, finish) => {
    const { response } = await say(name, { text: ['Half'], finish });
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(response.output).toMatchObject([{ content: [{ text: 'Half' }] }]);
  });

  it.each([
    ['LM Studio', 'content_filter'],
    ['Anthropic', 'refusal'],
    ['Gemini', 'SAFETY'],
  ] as const)('says that %s refuses when it leaves no word', async (name, finish) => {
    const { response } = await say(name, { finish });
    expect(response).toMatchObject({ status: 'failed', error: { code: 'invalid_prompt' } });
    expect(response.error?.message).toBe(`The provider refuses to answer this (${finish}).`);
  });

  it('tells the words of a refusal as the answer', async () => {
    const refusal = (text: string): string =>
      `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { refusal: text }, finish_reason: null }] })}\n\n`;
    const end = 'data: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    const { response } = await client.ask('LM Studio', { input: 'hi' }, stream(refusal('I can'), refusal("'t."), end));
    expect(response).toMatchObject({ status: 'completed', output: [{ content: [{ text: "I can't." }] }] });
  });

  it.each([
    ['Anthropic', 'thoughts', { type: 'thinking', thinking: 'Hm', signature: 'c2lnbmVk' }],
    ['Gemini', 'calls', { thoughtSignature: 'Z2VtaW5p' }],
  ] as const)('brings back to %s the signature of its %s', async (name, _what, expected) => {
    const calls = [{ name: 'exec_command', input: { cmd: 'x' } }];
    const { response } = await say(name, { thoughts: ['Hm'], calls });
    const [call] = response.output.filter(({ type }) => type === 'function_call');
    const result = { type: 'function_call_output', call_id: call?.call_id, output: 'done' };
    await say(name, { text: ['ok'] }, { input: [{ role: 'user', content: 'hi' }, ...response.output, result] });
    const body = client.upstream.last.body;
    const turns = (body.messages ?? body.contents) as { content?: Json[]; parts?: Json[] }[];
    expect(turns[1]?.content ?? turns[1]?.parts).toContainEqual(expect.objectContaining(expected));
  });
});
