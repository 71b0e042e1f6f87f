import { App, type Json } from '../support/start-app.js';
import { functionTool, ResponsesClient } from '../support/responses.js';

const TOOLS = [functionTool('get_weather')];
const image = (url: string): Json[] => [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }];
const format = (schema: unknown): Json => ({ format: { type: 'json_schema', name: 'a', schema } });

describe('what /v1/responses refuses', () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start();
    api = new ResponsesClient(app);
  });
  afterAll(() => app.stop());

  it.each<[string, Json, string | null, string]>([
    ['nothing', {}, 'input', 'missing_required_parameter'],
    ['a field of another API', { input: 'x', bogus: 1, max_tokens: 9 }, 'max_tokens', 'unknown_parameter'],
    ['a folder at a wrong place', { input: 'x', cwd: '/' }, 'cwd', 'unknown_parameter'],
    ['several answers', { input: 'x', n: 2 }, 'n', 'unknown_parameter'],
    ['log probabilities', { input: 'x', top_logprobs: 2 }, 'top_logprobs', 'invalid_value'],
    ['another type', { input: 5 }, 'input', 'invalid_type'],
    ['an unknown item', { input: [{ type: 'odd' }] }, 'input[0].type', 'invalid_value'],
    ['an unknown role', { input: [{ role: 'odd', content: '' }] }, 'input[0].role', 'invalid_value'],
    ['a missing content', { input: [{ role: 'user' }] }, 'input[0].content', 'missing_required_parameter'],
    [
      'an image that is none',
      { input: image('data:image/png;base64,aGVsbG8=') },
      'input[0].content[0].image_url',
      'invalid_image',
    ],
    [
      'a link to nowhere',
      { input: image('http://127.0.0.1:1/a.png') },
      'input[0].content[0].image_url',
      'invalid_image',
    ],
    [
      'a schema that is none',
      { input: 'x', text: format({ type: 'odd' }) },
      'text.format.schema',
      'invalid_json_schema',
    ],
    [
      'a function without a schema',
      { input: 'x', tools: [{ ...TOOLS[0], parameters: { type: 7 } }] },
      'tools[0].parameters',
      'invalid_function_parameters',
    ],
    ['a tool of OpenAI', { input: 'x', tools: [{ type: 'code_interpreter' }] }, 'tools[0].type', 'invalid_value'],
    ['a forced call of nothing', { input: 'x', tool_choice: 'required' }, 'tool_choice', 'invalid_value'],
    [
      'a forced call of an unknown function',
      { input: 'x', tools: TOOLS, tool_choice: { type: 'function', name: 'none' } },
      'tool_choice',
      'invalid_value',
    ],
    [
      'two places to go on from',
      { input: 'x', previous_response_id: 'a', conversation: 'b' },
      'conversation',
      'mutually_exclusive_parameters',
    ],
    ['an unknown reference', { input: [{ type: 'item_reference', id: 'msg_none' }] }, 'input[0].id', 'item_not_found'],
    ['a folder outside', { input: 'x', metadata: { codex_cwd: 'etc' } }, 'metadata.codex_cwd', 'invalid_request'],
    ['a text too long', { input: 'x'.repeat(10_485_761) }, 'input', 'string_above_max_length'],
  ])('%s', async (_what, body, param, code) => {
    const answer = await api.request(body).expect(400);
    expect((answer.body as { error: Json }).error).toEqual({
      message: expect.any(String) as string,
      type: 'invalid_request_error',
      param,
      code,
    });
  });

  it.each([
    ['/v1/responses/resp_none', 'response_not_found'],
    ['/v1/responses/resp_none?stream=true', 'response_not_found'],
    ['/v1/responses/resp_none/input_items', 'response_not_found'],
    ['/v1/conversations/conv_none', 'conversation_not_found'],
    ['/v1/nothing', 'not_found'],
  ])('%s, which is not there', async (path, code) => {
    expect((await app.get(path).expect(404)).body).toMatchObject({ error: { type: 'invalid_request_error', code } });
  });

  it('to continue from what is not there, with a status also when it was to stream', async () => {
    const body = { input: 'x', previous_response_id: 'resp_none', stream: true };
    const { error } = (await api.request(body).expect(404)).body as { error: Json };
    expect(error).toMatchObject({ code: 'previous_response_not_found', param: 'previous_response_id' });
  });

  it('to cancel what was not made in the background, or is over', async () => {
    const { id } = await api.create({ input: 'say: over' });
    const over = await api.create({ input: 'say: over', background: true });
    await api.until(over.id, 'completed');
    for (const responseId of [id, over.id]) {
      const { error } = (await app.post(`/v1/responses/${responseId}/cancel`).expect(400)).body as { error: Json };
      expect(error).toMatchObject({ code: 'response_not_cancellable' });
    }
  });

  it('a token that is none, in the words of OpenAI', async () => {
    const answer = await api.with({ authorization: 'Bearer nobody' }).request({ input: 'x' }).expect(401);
    expect(answer.body).toMatchObject({
      error: { type: 'invalid_request_error', code: 'invalid_api_key', param: null },
    });
  });

  it('nothing of ten million characters', async () => {
    const input = [
      { role: 'user', content: 'x'.repeat(10_000_000) },
      { role: 'user', content: 'say: read' },
    ];
    expect((await api.create({ input })).status).toBe('completed');
  });
});
