import { App, type Json } from '../support/start-app.js';
import { functionTool, ResponsesClient, ResponseSocketClient } from '../support/responses.js';

/** What clients send and has no effect here, with how it is told. */
const ASKED: [Json, string][] = [
  [{ temperature: 0.2 }, 'temperature'],
  [{ top_p: 0.5, presence_penalty: 1, frequency_penalty: 1 }, 'top_p, presence_penalty, frequency_penalty'],
  [{ truncation: 'auto' }, 'truncation'],
  [{ user: 'ann', safety_identifier: 's' }, 'user, safety_identifier'],
  [{ prompt_cache_key: 'k', prompt_cache_retention: '24h' }, 'prompt_cache_key, prompt_cache_retention'],
  [{ tools: [functionTool('a')] }, 'tools[].strict'],
];

/** The same, of which today's way is to refuse it. */
const REFUSABLE: [Json, string, string][] = [
  [{ client_metadata: { a: 'b' } }, 'client_metadata', 'client_metadata'],
  [{ seed: 7 }, 'seed', 'seed'],
  [{ n: 1 }, 'n', 'n'],
  [{ reasoning: { effort: 'low', depth: 3 } }, 'reasoning.depth', 'reasoning.depth'],
  [{ text: { format: { type: 'text' }, colour: 'red' } }, 'text.colour', 'text.colour'],
  [{ include: ['reasoning.encrypted_content', 'web_search_call.action.sources'] }, 'include[]', 'include[1]'],
  [{ tools: [{ type: 'web_search' }] }, 'tools[web_search]', 'tools[0].type'],
  [{ service_tier: 'on_demand' }, 'service_tier', 'service_tier'],
];

const header = (answer: { headers: unknown }): string | undefined =>
  (answer.headers as Record<string, string | undefined>)['x-codex-ignored-parameters'];

describe('parameters of /v1/responses that have no effect', () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start();
    api = new ResponsesClient(app);
  });
  afterAll(() => app.stop());

  it('are told in a header', async () => {
    const all: [Json, string][] = [...ASKED, ...REFUSABLE.map(([body, name]): [Json, string] => [body, name])];
    const seen = await Promise.all(
      all.map(async ([body]) => header(await api.request({ input: 'say: Hi', ...body }).expect(200))),
    );
    expect(seen).toEqual(all.map(([, name]) => name));
    expect(header(await api.request({ input: 'say: Hi', temperature: 1, metadata: { a: 'b' } }).expect(200))).toBe(
      undefined,
    );
  });

  it('are told with a stream, and with the answer to a retry', async () => {
    const streamed = await api.request({ input: 'say: Hi', top_k: 3, stream: true }).expect(200);
    expect(header(streamed)).toBe('top_k');
    const keyed = api.with({ 'idempotency-key': 'k1' });
    await keyed.request({ input: 'say: Hi', top_k: 3 }).expect(200);
    const again = await keyed.request({ input: 'say: Hi', top_k: 3 }).expect(200);
    expect([again.headers['idempotent-replayed'], header(again)]).toEqual(['true', 'top_k']);
  });

  it('are shown to pages of other sites', async () => {
    const shown = await App.start({ args: ['--allowed-origin', 'https://a.example'] });
    try {
      const answer = await new ResponsesClient(shown, { origin: 'https://a.example' }).request({
        input: 'say: Hi',
        k: 1,
      });
      expect(answer.headers['access-control-expose-headers']).toContain('X-Codex-Ignored-Parameters');
    } finally {
      await shown.stop();
    }
  });

  it('are taken over a WebSocket and by compact', async () => {
    const socket = await ResponseSocketClient.open(app);
    expect(await socket.create({ input: 'say: Hi', top_k: 3, client_metadata: {} })).toMatchObject({
      status: 'completed',
    });
    expect(await socket.fail({ input: 'say: Hi', n: 2 })).toMatchObject({ code: 'unknown_parameter', param: 'n' });
    await socket.close();
    const body = { model: 'scripted-model', input: 'say: Hi', tools: [], parallel_tool_calls: true };
    const compacted = await app.post('/v1/responses/compact', body).expect(200);
    expect(header(compacted)).toBe('tools, parallel_tool_calls');
  });

  it('are refused with --unsupported-parameters refuse, but for those that were always taken', async () => {
    const strict = await App.start({ env: { CODEX_WEB_UNSUPPORTED_PARAMETERS: 'refuse' } });
    try {
      const client = new ResponsesClient(strict);
      const refused = await Promise.all(
        REFUSABLE.map(async ([body]) => {
          const answer = await client.request({ input: 'say: Hi', ...body }).expect(400);
          return (answer.body as { error: Json }).error.param;
        }),
      );
      expect(refused).toEqual(REFUSABLE.map(([, , param]) => param));
      const taken = await Promise.all(
        ASKED.map(async ([body]) => header(await client.request({ input: 'say: Hi', ...body }).expect(200))),
      );
      expect(taken).toEqual(ASKED.map(([, name]) => name));
    } finally {
      await strict.stop();
    }
  });
});

describe('what /v1/responses takes and says', () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start();
    api = new ResponsesClient(app);
  });
  afterAll(() => app.stop());

  it('takes every effort that a model may list', async () => {
    for (const effort of ['max', 'ultra', 'xhigh', 'none']) {
      const { reasoning } = await api.create({ input: 'say: Hi', reasoning: { effort } });
      expect(reasoning).toMatchObject({ effort });
    }
    const [first] = app.model.requests;
    expect(first?.body.reasoning).toMatchObject({ effort: 'max' });
  });

  it.each([
    ['fail: response context_length_exceeded Too long.', 'context_length_exceeded', 'context_length_exceeded'],
    ['fail: response invalid_prompt Not this.', 'invalid_prompt', 'invalid_prompt'],
    ['fail: response insufficient_quota None.', 'insufficient_quota', 'insufficient_quota'],
    ['fail: response rate_limit_exceeded try again in 3s', 'rate_limit_exceeded', 'rate_limit_exceeded'],
    ['fail: 400 The model is unhappy.', 'invalid_prompt', 'http_400'],
  ])('%s has a code of its own on both doors', async (script, code, chatCode) => {
    const response = await api.create({ input: script });
    expect(response).toMatchObject({ status: 'failed', error: { code } });
    const chat = await app.post('/v1/chat/completions', { messages: [{ role: 'user', content: script }] });
    expect((chat.body as { error: Json }).error).toMatchObject({ code: chatCode });
    expect((response.error as Json).message).toBe((chat.body as { error: Json }).error.message);
  });

  it('refuses a page of input items after what is not there', async () => {
    const input = ['a', 'b', 'say: c'].map((content) => ({ role: 'user', content }));
    const { id } = await api.create({ input });
    const page = (query: string): ReturnType<App['get']> => app.get(`/v1/responses/${id}/input_items?${query}`);
    for (const param of ['after', 'before']) {
      expect((await page(`${param}=msg_none`).expect(400)).body).toMatchObject({
        error: { code: 'invalid_value', param },
      });
    }
    const { data } = (await page('order=asc').expect(200)).body as { data: Json[] };
    const rest = (await page(`order=asc&after=${String(data[0]?.id)}`).expect(200)).body as { data: Json[] };
    expect(rest.data).toEqual(data.slice(1));
  });
});
