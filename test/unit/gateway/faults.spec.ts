import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { GatewayClient, parseEvents } from '../../support/gateway-client.js';
import { cut, refuse, stall, stream } from '../../support/fake-upstream.js';
import { UPSTREAM_WIRES, type UpstreamName } from '../../support/upstream-wires.js';

const NAMES = Object.keys(UPSTREAM_WIRES) as UpstreamName[];

describe('what goes wrong between the gateway and a provider', () => {
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

  const failureOf = async (name: UpstreamName, ...answers: Parameters<typeof client.ask>[2][]): Promise<unknown> => {
    const { events, response } = await client.ask(name, { input: 'hi' }, ...answers);
    expect(events.at(0)?.event).toBe('response.created');
    expect(events.at(-1)?.event).toBe('response.failed');
    return response.error;
  };
  const who = (name: UpstreamName): string => `${name} (${client.upstream.url}${UPSTREAM_WIRES[name].basePath})`;

  it.each([
    ['LM Studio', 401, '{"error":{"message":"Bad key"}}', ['invalid_prompt', '401 Unauthorized: Bad key']],
    ['Ollama', 404, '{"error":"model not found"}', ['invalid_prompt', '404 Not Found: model not found']],
    ['DeepSeek', 402, '{"error":{"message":"No money"}}', ['invalid_prompt', '402 Payment Required: No money']],
    [
      'Anthropic',
      529,
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
      ['server_error', '529: Overloaded'],
    ],
    [
      'Gemini',
      400,
      '[{"error":{"code":400,"message":"API key not valid","status":"X"}}]',
      ['invalid_prompt', '400 Bad Request: API key not valid'],
    ],
    ['LM Studio', 500, 'oops', ['server_error', '500 Internal Server Error: oops']],
    ['LM Studio', 502, '<html>long page</html>', ['server_error', '502 Bad Gateway: Bad Gateway']],
    [
      'LM Studio',
      400,
      '{"error":"This exceeds the context length."}',
      ['context_length_exceeded', '400 Bad Request: This exceeds the context length.'],
    ],
  ] as const)('tells the status and the words of %s (%i)', async (name, status, body, [code, message]) => {
    expect(await failureOf(name, refuse(status, body))).toEqual({ code, message: `${who(name)} answered ${message}` });
  });

  it('tells when to try again, in the words that make the engine wait for so long', async () => {
    const answer = refuse(429, { error: { message: 'Slow down.' } }, { 'retry-after': '7' });
    const message = `${who('LM Studio')} answered 429 Too Many Requests: Slow down. Please try again in 7s.`;
    expect(await failureOf('LM Studio', answer)).toEqual({ code: 'rate_limit_exceeded', message });
  });

  it('fails at once when trying again makes no sense for long', async () => {
    const answer = refuse(429, { error: { message: 'Quota.' } }, { 'retry-after': '3600' });
    const message = `${who('LM Studio')} answered 429 Too Many Requests: Quota. Please try again in 3600s.`;
    expect(await failureOf('LM Studio', answer)).toEqual({ code: 'invalid_prompt', message });
  });

  it.each([
    [
      'LM Studio',
      'data: {"error":{"message":"Model crashed","code":500}}\n\n',
      '500 Internal Server Error: Model crashed',
    ],
    [
      'Anthropic',
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
      '529: Overloaded',
    ],
  ] as const)('tells the words of an error in the middle of a stream of %s', async (name, frame, message) => {
    const frames = UPSTREAM_WIRES[name].frames({ text: ['Half'] });
    const error = await failureOf(name, stream(...frames.slice(0, 5), frame));
    expect(error).toEqual({ code: 'server_error', message: `${who(name)} answered ${message}` });
  });

  it.each(NAMES)('says so when %s breaks the connection in the middle', async (name) => {
    const frames = UPSTREAM_WIRES[name].frames({ text: ['Half', ' way'] });
    expect(await failureOf(name, cut(...frames.slice(0, -2)))).toMatchObject({ code: 'server_error' });
  });

  it.each(NAMES)('says so when %s ends the stream before the answer is complete', async (name) => {
    const frames = UPSTREAM_WIRES[name].frames({ text: ['Half', ' way'] });
    const at = frames.findIndex((frame) => frame.includes(' way'));
    expect(await failureOf(name, stream(...frames.slice(0, at)))).toMatchObject({ code: 'server_error' });
  });

  it.each([['before the first word', 0] as const, ['in the middle', 3] as const])(
    'gives up when the provider says nothing %s, and closes the request',
    async (_when, count) => {
      const frames = UPSTREAM_WIRES['LM Studio'].frames({ text: ['Half', ' way'] });
      client.providers['LM Studio'] = { ...client.providers['LM Studio']!, idleTimeoutMs: 200 };
      const error = await failureOf('LM Studio', stall(...frames.slice(0, count)));
      client.providers['LM Studio'] = { ...client.providers['LM Studio'], idleTimeoutMs: 5_000 };
      expect(error).toEqual({ code: 'server_error', message: `${who('LM Studio')} sent nothing for 0.2 s.` });
      expect(await client.upstream.last.closed).toBe(false);
    },
  );

  it('says who can not be reached', async () => {
    const [provider] = Object.values(client.providers);
    client.providers.Ollama = { ...provider!, name: 'Nobody', baseUrl: 'http://127.0.0.1:1/v1' };
    expect(await failureOf('Ollama')).toEqual({
      code: 'server_error',
      message: 'Nobody (http://127.0.0.1:1/v1) failed: connect ECONNREFUSED 127.0.0.1:1',
    });
  });

  it('closes the request to the provider when the engine closes its own', async () => {
    client.upstream.enqueue(stall(...UPSTREAM_WIRES.DeepSeek.frames({ text: ['Half'] }).slice(0, 3)));
    const gone = new AbortController();
    const response = await client.post('DeepSeek', { input: 'hi' }, { signal: gone.signal });
    await response.body?.getReader().read();
    gone.abort();
    expect(await client.upstream.last.closed).toBe(false);
  });

  it('reads no faster from the provider than the engine reads', async () => {
    const delta = 'x'.repeat(60_000);
    const chunk = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: delta } }] })}\n\n`;
    const held = Promise.withResolvers<number>();
    client.upstream.enqueue(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let count = 1; count <= 1_000; count += 1) {
        const drained = response.write(chunk) || (await drainedSoon(response));
        if (!drained) {
          held.resolve(count);
          break;
        }
      }
      held.resolve(Number.POSITIVE_INFINITY);
      response.end('data: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    });
    const { gateway } = client;
    const request = httpRequest(`${gateway.urlOf('LM Studio')}/responses`, {
      method: 'POST',
      headers: { 'x-codex-web-gateway': gateway.secret.value },
    });
    request.end(JSON.stringify({ model: 'm', input: 'hi' }));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const count = await held.promise;
    const texts: string[] = [];
    for await (const text of response.setEncoding('utf8')) {
      texts.push(text as string);
    }
    const events = parseEvents(texts.join(''));
    expect(count).toBeLessThan(1_000);
    const deltas = events.filter(({ event }) => event === 'response.output_text.delta').map(({ data }) => data.delta);
    expect(deltas.join('')).toHaveLength(count * delta.length);
    expect(events.at(-1)?.event).toBe('response.completed');
  });
});

/** Whether there is room for more within a moment, which a reader that goes on reading always makes. */
async function drainedSoon(response: ServerResponse): Promise<boolean> {
  return once(response, 'drain', { signal: AbortSignal.timeout(500) }).then(
    () => true,
    () => false,
  );
}

describe('the door of the gateway', () => {
  let client: GatewayClient;

  beforeAll(async () => {
    client = await GatewayClient.start();
  });

  afterAll(async () => {
    await client.stop();
  });

  it.each([
    ['no secret', {}],
    ['another secret', { 'x-codex-web-gateway': 'x'.repeat(43) }],
  ])('is shut to whoever has %s', async (_name, headers) => {
    const response = await fetch(`${client.gateway.urlOf('Ollama')}/responses`, {
      method: 'POST',
      headers,
      body: '{}',
    });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain(client.gateway.secret.value);
  });

  it('listens on loopback only', () => {
    expect(client.gateway.urlOf('Ollama')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/Ollama\/v1$/);
  });

  it.each([
    ['POST', 'Nobody', 'responses'],
    ['POST', 'Ollama', 'models'],
    ['GET', 'Ollama', 'responses'],
  ])('leads nowhere else: %s /%s/v1/%s', async (method, id, path) => {
    const url = client.gateway.urlOf('Ollama').replace('Ollama', id);
    const headers = { 'x-codex-web-gateway': client.gateway.secret.value };
    expect((await fetch(`${url}/${path}`, { method, headers })).status).toBe(404);
  });
});
