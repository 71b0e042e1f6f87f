import { ChatClient, functionTool, user } from '../support/chat.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

/** A provider that needs a login, for a server that has none. */
const NEEDS_LOGIN = [
  'model_providers.guarded.name = "Guarded"',
  'model_providers.guarded.base_url = "http://127.0.0.1:9/v1"',
  'model_providers.guarded.wire_api = "responses"',
  'model_providers.guarded.requires_openai_auth = true',
].join('\n');

const HI = [user('say: Hi')];

/** What is wrong, or asks for another answer than can be given. */
const FAULTS: [Json, string][] = [
  [{}, 'messages'],
  [{ messages: [] }, 'messages'],
  [{ messages: 'Hi' }, 'messages'],
  [{ messages: [{ role: 'robot', content: 'Hi' }] }, 'messages[0].role'],
  [{ messages: [user([{ type: 'input_audio', input_audio: {} }])] }, 'messages[0].content[0].type'],
  [
    { messages: [user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }])] },
    'messages[0].content',
  ],
  [{ messages: HI, n: 2 }, 'n'],
  [{ messages: HI, seed: 7, colour: 'red', n: 2 }, 'n'],
  [{ messages: HI, temperature: 'hot' }, 'temperature'],
  [{ messages: HI, logprobs: true }, 'logprobs'],
  [{ messages: HI, top_logprobs: 2 }, 'top_logprobs'],
  [{ messages: HI, logit_bias: { '50256': -100 } }, 'logit_bias.50256'],
  [{ messages: HI, stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'],
  [{ messages: HI, functions: [{ name: 'a' }] }, 'functions'],
  [{ messages: HI, function_call: { name: 'a' } }, 'function_call'],
  [{ messages: HI, modalities: ['audio'] }, 'modalities[0]'],
  [{ messages: HI, audio: { voice: 'x' } }, 'audio'],
  [{ messages: HI, web_search_options: {} }, 'web_search_options'],
  // of other vendors, of other APIs, of this server's own one
  [{ messages: HI, guided_json: { type: 'object' } }, 'guided_json'],
  [{ messages: HI, best_of: 3 }, 'best_of'],
  [{ messages: HI, response_format: { type: 'text', schema: { type: 'object' } } }, 'response_format.schema'],
  [{ messages: HI, instructions: 'Be brief.' }, 'instructions'],
  [{ messages: HI, max_output_tokens: 10 }, 'max_output_tokens'],
  [{ messages: HI, sandbox: 'read-only' }, 'sandbox'],
  [{ messages: HI, codex_sandbox: 'read-only' }, 'codex_sandbox'],
  [{ messages: HI, max_tokens: 5, max_completion_tokens: 6 }, 'max_tokens'],
  [{ messages: HI, max_completion_tokens: 0 }, 'max_completion_tokens'],
  [{ messages: HI, reasoning_effort: 'enormous' }, 'reasoning_effort'],
  [{ messages: HI, tool_choice: 'required' }, 'tool_choice'],
  [
    { messages: HI, tools: [functionTool('a')], tool_choice: { type: 'function', function: { name: 'b' } } },
    'tool_choice',
  ],
  [{ messages: HI, tools: [functionTool('a'), functionTool('a')] }, 'tools[1].function.name'],
  [{ messages: HI, tools: [{ type: 'custom', custom: { name: 'x' } }] }, 'tools[0].type'],
  [
    {
      messages: HI,
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'thing' } } },
    },
    'response_format.json_schema.schema.type',
  ],
];

/** What has no effect here, and is refused only where it is to be. */
const WITHOUT_EFFECT: [Json, string][] = [
  [{ colour: 'red' }, 'colour'],
  [{ temperature: 0.2 }, 'temperature'],
  [{ top_p: 0.5 }, 'top_p'],
  [{ presence_penalty: 1 }, 'presence_penalty'],
  [{ frequency_penalty: 1 }, 'frequency_penalty'],
  [{ seed: 7 }, 'seed'],
  [{ top_k: 40 }, 'top_k'],
  [{ store: true }, 'store'],
  [{ functions: [] }, 'functions'],
  [{ function_call: 'auto' }, 'function_call'],
  [{ top_logprobs: 0 }, 'top_logprobs'],
  [{ prediction: { type: 'content', content: 'x' } }, 'prediction'],
  [{ stream_options: { include_usage: true } }, 'stream_options'],
  [{ service_tier: 'on_demand' }, 'service_tier'],
  [{ max_tokens: -1 }, 'max_tokens'],
  [{ reasoning: { effort: 'high' } }, 'reasoning'],
  [{ messages: [{ ...user('say: Hi'), id: 'm1' }] }, 'messages[0].id'],
  [
    { messages: [user([{ type: 'text', text: 'say: Hi', cache_control: { type: 'ephemeral' } }])] },
    'messages[0].content[0].cache_control',
  ],
  [{ tools: [{ ...functionTool('a'), cache_control: { type: 'ephemeral' } }] }, 'tools[0].cache_control'],
];

async function paramsOf(chat: ChatClient, faults: readonly [Json, string][]): Promise<unknown[]> {
  return Promise.all(
    faults.map(async ([body]) => {
      const { status, type, param } = await chat.refused(body);
      return [status, type, param];
    }),
  );
}

describe('a chat that is refused', () => {
  let app: App;
  let chat: ChatClient;

  beforeAll(async () => {
    app = await App.start();
    chat = new ChatClient(app);
  });

  afterAll(async () => {
    await app.stop();
  });

  it('names the field that is at fault', async () => {
    expect(await paramsOf(chat, FAULTS)).toEqual(FAULTS.map(([, param]) => [400, 'invalid_request_error', param]));
  });

  it('is none for what has no effect', async () => {
    const sent = await Promise.all(WITHOUT_EFFECT.map(async ([body]) => chat.send({ messages: HI, ...body })));
    expect(sent.map(({ message }) => message.content)).toEqual(WITHOUT_EFFECT.map(() => 'Hi'));
  });

  it('takes what changes nothing, as clients send it', async () => {
    const defaults = {
      ...{ n: 1, temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0, logprobs: false, store: false },
      ...{
        seed: null,
        logit_bias: {},
        stop: null,
        user: null,
        tools: null,
        modalities: ['text'],
        service_tier: 'auto',
      },
      ...{ prompt_cache_key: 'k', stream: false, response_format: { type: 'text' }, tool_choice: 'auto' },
    };
    expect((await chat.send({ messages: HI, ...defaults })).message.content).toBe('Hi');
  });

  it('says what the provider of the model said, under a status that clients know', async () => {
    const failures: [string, Json][] = [
      ['fail: 400 The model is unhappy.', { status: 400, type: 'invalid_request_error', code: 'http_400' }],
      ['fail: 401 Bad key.', { status: 401, type: 'invalid_request_error', code: 'not_logged_in' }],
      ['fail: 402 Pay first.', { status: 429, type: 'rate_limit_error', code: 'insufficient_quota' }],
      ['fail: 404 No such model.', { status: 404, type: 'invalid_request_error', code: 'model_not_found' }],
      ['fail: 429 Slow down.', { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' }],
      ['fail: 500 Broken.', { status: 502, type: 'server_error', code: 'upstream_error' }],
      ['fail: 503 Full.', { status: 503, type: 'server_error', code: 'server_overloaded' }],
      [
        'fail: response context_length_exceeded Too long.',
        { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
      ],
      [
        'fail: response insufficient_quota None.',
        { status: 429, type: 'rate_limit_error', code: 'insufficient_quota' },
      ],
      [
        'fail: response rate_limit_exceeded try again in 3s',
        { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
      ],
    ];
    const seen = await Promise.all(failures.map(([script]) => chat.refused({ messages: [user(script)] })));
    expect(seen.map(({ status, type, code }) => ({ status, type, code }))).toEqual(failures.map(([, error]) => error));
    expect(seen[0]?.message).toBe('The model is unhappy.');
    expect(JSON.stringify(seen)).not.toContain(app.model.baseUrl);
  });

  it('is told in the stream once that has begun, and then there is no [DONE]', async () => {
    const { response, data } = await chat.stream({
      messages: [user('say: Well.\nfail: response server_is_overloaded Busy.')],
    });
    expect(response.status).toBe(200);
    const [told, last] = data.slice(-2) as Json[];
    expect(told?.choices).toMatchObject([{ delta: { role: 'assistant', content: 'Well.' } }]);
    expect(last).toMatchObject({ error: { type: 'server_error', param: null, code: 'server_overloaded' } });
  });

  it('is a status where the stream has not begun', async () => {
    const { response } = await chat.stream({ messages: [user('fail: 429 Slow down.')] });
    expect([response.status, response.headers.get('content-type')]).toEqual([429, 'application/json; charset=utf-8']);
  });

  it('is answered in the same form by whoever refuses it', async () => {
    const send = async (headers: Record<string, string>, body: string): Promise<unknown[]> => {
      const response = await fetch(chat.url, { method: 'POST', headers, body });
      return [response.status, ((await response.json()) as { error: Json }).error.code];
    };
    const json = { 'content-type': 'application/json' };
    const bearer = { authorization: `Bearer ${TOKEN}` };
    expect([
      await send(json, '{}'),
      await send({ ...json, authorization: 'Bearer wrong' }, '{}'),
      await send({ ...bearer, 'content-type': 'text/plain' }, 'Hi'),
      await send({ ...bearer, ...json }, '{'),
      await send({ ...bearer, ...json, 'x-codex-mode': 'robot' }, JSON.stringify({ messages: HI })),
    ]).toEqual([
      [401, 'invalid_api_key'],
      [401, 'invalid_api_key'],
      [415, 'unsupported_media_type'],
      [400, null],
      [400, null],
    ]);
    expect((await app.get('/v1/chat/completions').expect(405)).body).toMatchObject({
      error: { code: 'method_not_allowed' },
    });
  });
});

describe('a chat with what has no effect', () => {
  it('is answered, and told what that was; once in the log', async () => {
    const app = await App.start({ env: { LOG_LEVEL: 'info' } });
    try {
      const chat = new ChatClient(app);
      const { headers } = await app
        .post('/v1/chat/completions', {
          ...{ model: 'scripted-model', temperature: 0.7, seed: 3, store: true, top_k: 4, 'x\r\ny': 1 },
          messages: [
            { ...user([{ type: 'text', text: 'say: Hi', cache_control: {} }]), id: 'm1' },
            { ...user([{ type: 'text', text: 'say: Hi', cache_control: {} }]), id: 'm2' },
          ],
          prompt_cache_key: 'k',
        })
        .expect(200);
      expect(headers['x-codex-ignored-parameters']).toBe(
        'messages[].content[].cache_control, messages[].id, top_k, x??y, temperature, seed, store, prompt_cache_key',
      );
      const streamed = await chat.stream({ messages: HI, temperature: 0.7, metadata: { colour: 'red' }, user: 'ann' });
      expect(streamed.response.headers.get('x-codex-ignored-parameters')).toBe('temperature');
      expect(streamed.data.at(-1)).toBe('[DONE]');
      const plain = await chat.stream({ messages: HI });
      expect(plain.response.headers.get('x-codex-ignored-parameters')).toBeNull();
      const refused = await app.post('/v1/chat/completions', {
        messages: HI,
        temperature: 0.7,
        tool_choice: 'required',
      });
      expect([refused.status, refused.headers['x-codex-ignored-parameters']]).toEqual([400, 'temperature']);
      await app.terminate();
      const lines = app.server.output.split('\n').filter((line) => line.includes('"parameter":"temperature"'));
      expect(lines).toHaveLength(1);
    } finally {
      await app.stop();
    }
  });

  it('is not told of more than a header should hold', async () => {
    const app = await App.start();
    try {
      const many = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`x${String(at)}${'é'.repeat(80)}`, 1]));
      const { headers } = await app.post('/v1/chat/completions', { messages: HI, ...many }).expect(200);
      const header = String(headers['x-codex-ignored-parameters']);
      expect(header).toMatch(/^x0\?{59}\.\.\., .*, \+19\d\d$/);
      expect(header.length).toBeLessThan(1100);
    } finally {
      await app.stop();
    }
  });

  it('is refused with --unsupported-parameters refuse', async () => {
    const app = await App.start({ args: ['--unsupported-parameters', 'refuse'] });
    try {
      const all = [...FAULTS.filter(([body]) => !('seed' in body)), ...WITHOUT_EFFECT];
      const seen = await paramsOf(
        new ChatClient(app),
        all.map(([body, param]) => [param === 'messages' ? body : { messages: HI, ...body }, param]),
      );
      expect(seen).toEqual(all.map(([, param]) => [400, 'invalid_request_error', param]));
    } finally {
      await app.stop();
    }
  });
});

describe('a chat without a login', () => {
  it('is told how to log in', async () => {
    const app = await App.start({ config: NEEDS_LOGIN, args: ['--model-provider', 'guarded'] });
    try {
      const error = await new ChatClient(app).refused({ messages: HI });
      expect(error).toEqual({
        status: 401,
        message: expect.stringMatching(/codex login.*\/api\/v2\/auth\/login/) as string,
        type: 'invalid_request_error',
        param: null,
        code: 'not_logged_in',
      });
      const body: unknown = (await app.get('/healthz').expect(200)).body;
      expect(body).toMatchObject({ ok: true, authenticated: false, message: error.message });
    } finally {
      await app.stop();
    }
  });
});
