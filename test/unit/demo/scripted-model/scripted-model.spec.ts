import { scriptedProviderOverrides } from '../../../../src/demo/scripted-model/provider-overrides.js';
import { ScriptedModel } from '../../../../src/demo/scripted-model/scripted-model.js';

type Event = Record<string, unknown> & { type: string };
type Item = Record<string, unknown> & { call_id?: string; type: string };

let model: ScriptedModel;

beforeEach(async () => {
  model = await ScriptedModel.start();
});

afterEach(async () => {
  await model.close();
});

function toMessage(text: string): Item {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}

function request(input: Item[], rest: Record<string, unknown> = {}, signal?: AbortSignal): Promise<Response> {
  const tools = [
    { type: 'function', name: 'exec_command' },
    { type: 'function', name: 'lookup' },
  ];
  const body = JSON.stringify({ model: 'scripted-model', stream: true, input, tools, ...rest });
  return fetch(`${model.baseUrl}/responses`, { method: 'POST', body, signal });
}

async function readEvents(response: Response): Promise<Event[]> {
  const frames = (await response.text()).split('\n\n').filter(Boolean);
  return frames.map((frame) => JSON.parse(frame.split('\ndata: ')[1] ?? '') as Event);
}

async function ask(text: string, rest: Record<string, unknown> = {}): Promise<Event[]> {
  return readEvents(await request([toMessage(text)], rest));
}

function toOutput(events: Event[]): Item[] {
  return (events.at(-1)?.response as { output: Item[] }).output;
}

function toText(events: Event[]): string {
  return toOutput(events)
    .flatMap(({ content }) => (content as { text: string }[] | undefined) ?? [])
    .map(({ text }) => text)
    .join('\n');
}

describe('the scripted model on the wire', () => {
  it('streams a message word by word, in the order of the Responses API', async () => {
    const events = await ask('say: Hello there, friend');
    expect(events.map(({ type, delta }) => (delta === undefined ? type : [type, delta]))).toEqual([
      'response.created',
      'response.output_item.added',
      ['response.output_text.delta', 'Hello'],
      ['response.output_text.delta', ' there,'],
      ['response.output_text.delta', ' friend'],
      'response.output_item.done',
      'response.completed',
    ]);
    expect(toText(events)).toBe('Hello there, friend');
  });

  it('puts reasoning before the message, and parts into one message', async () => {
    const events = await ask('think: I wonder\npart: one \nsay: two');
    expect(toOutput(events)).toMatchObject([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'I wonder' }] },
      { type: 'message', content: [{ type: 'output_text', text: 'one two' }] },
    ]);
  });

  it('goes on after tool outputs, response by response, and joins parallel calls', async () => {
    const script = toMessage('run: one\nalso call: lookup {"q":1}\nsay: middle\nrun: two\nsay: end');
    const context = toMessage('<environment_context>\nrun: never\n</environment_context>');
    const answer = (calls: Item[]): Item[] => [
      ...calls,
      ...calls.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'ok' })),
    ];
    const first = toOutput(await readEvents(await request([context, script])));
    expect(first.map(({ name, arguments: args }) => [name, args])).toEqual([
      ['exec_command', '{"cmd":"one"}'],
      ['lookup', '{"q":1}'],
    ]);
    const second = toOutput(await readEvents(await request([script, ...answer(first), context])));
    expect(second.map(({ type, arguments: args }) => [type, args])).toEqual([
      ['message', undefined],
      ['function_call', '{"cmd":"two"}'],
    ]);
    const calls = [...first, ...second.slice(1)];
    const third = await readEvents(await request([script, ...answer(calls)]));
    expect(toText(third)).toBe('end');
  });

  it('starts anew with each user message, and closes a script that ends with a call', async () => {
    const output: Item = { type: 'function_call_output', call_id: 'call_1', output: 'ok' };
    const script = [toMessage('run: one'), output];
    expect(toText(await readEvents(await request(script)))).toBe('Done.');
    expect(toText(await readEvents(await request([...script, toMessage('say: second')])))).toBe('second');
  });

  it('reads the tools that come as an input item', async () => {
    const tools = [{ type: 'namespace', name: 'functions', tools: [{ type: 'custom', name: 'exec' }] }];
    const input = [{ type: 'additional_tools', role: 'developer', tools }, toMessage('run: ls')];
    const events = await readEvents(await request(input, { tools: undefined }));
    expect(toOutput(events)).toMatchObject([{ type: 'custom_tool_call', namespace: 'functions', name: 'exec' }]);
  });

  it('sends many deltas, none lost', async () => {
    const events = await ask('deltas: 3000 size=5 per-write=700');
    const deltas = events.filter(({ type }) => type === 'response.output_text.delta').map(({ delta }) => delta);
    expect(deltas).toEqual(Array.from({ length: 3000 }, (_, index) => `${String(index).padStart(4, '0')} `));
    expect(toText(events)).toBe(deltas.join(''));
  });

  it('reports given usage, and else the same usage for the same lengths', async () => {
    const usage = (events: Event[]): unknown => (events.at(-1)?.response as { usage: unknown }).usage;
    expect(usage(await ask('usage: 100/20/5/2\nsay: x'))).toEqual({
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 20 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 105,
    });
    expect(usage(await ask('say: abcdefgh'))).toEqual(usage(await ask('say: hgfedcba')));
  });

  it('waits at a gate until it is released', async () => {
    const response = request([toMessage('gate: one\nsay: after')]);
    await model.reached('one');
    model.release('one');
    expect(toText(await readEvents(await response))).toBe('after');
    expect(toText(await ask('gate: one\nsay: open still'))).toBe('open still');
  });

  it('lets another process release a gate', async () => {
    const response = request([toMessage('gate: far\nsay: after')]);
    await model.reached('far');
    const released = await fetch(new URL('/gates/far/release', model.baseUrl), { method: 'POST' });
    expect(released.status).toBe(204);
    expect(toText(await readEvents(await response))).toBe('after');
  });

  it('stalls until released, and gives up when the reader goes away', async () => {
    const reader = new AbortController();
    const gone = request([toMessage('stall')], {}, reader.signal);
    const kept = request([toMessage('stall\nsay: on')]);
    await model.stalled(2);
    reader.abort();
    await expect(gone.then((response) => response.text())).rejects.toThrow();
    model.releaseStalls();
    expect(toText(await readEvents(await kept))).toBe('on');
  });

  it('cuts the connection in the middle of a message', async () => {
    const response = await request([toMessage('part: half\ncut')]);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  it('fails with a status, and with a failed response once a stream has begun', async () => {
    const refused = await request([toMessage('fail: 503 gone away')]);
    expect([refused.status, await refused.json()]).toMatchObject([503, { error: { message: 'gone away' } }]);
    const code = (events: Event[]): unknown => [
      events.at(-1)?.type,
      (events.at(-1)?.response as { error: unknown }).error,
    ];
    expect(code(await ask('fail: response rate_limit_exceeded too fast'))).toEqual([
      'response.failed',
      { code: 'rate_limit_exceeded', message: 'too fast' },
    ]);
    expect(code(await ask('say: x\nfail: 500 late'))).toEqual([
      'response.failed',
      { code: 'server_error', message: 'late' },
    ]);
  });

  it('answers JSON that fits the schema asked for', async () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 2 } } };
    const events = await ask('give me JSON', { text: { format: { type: 'json_schema', name: 'x', schema } } });
    expect(JSON.parse(toText(events))).toEqual({ n: 2 });
  });

  it('says what it is when it is not given a script, and names a fault of one', async () => {
    const text = toText(await ask('hello'));
    expect(text).toContain('not a language model');
    expect(text).toContain('run escalated: COMMAND because: REASON');
    expect(toText(await ask('delay: soon'))).toContain('expected a duration such as 200ms or 1.5s, got "soon"');
  });

  it('answers from what is enqueued, then from the handler, then from the message', async () => {
    model.enqueue('say: enqueued', [{ kind: 'say', text: 'as steps' }]);
    model.onRequest(({ userText }) => (userText === 'ping' ? 'say: pong' : undefined));
    const texts = [];
    for (const text of ['ping', 'ping', 'ping', 'say: own']) {
      texts.push(toText(await ask(text)));
    }
    expect(texts).toEqual(['enqueued', 'as steps', 'pong', 'own']);
    expect(() => {
      model.enqueue('delay: soon');
    }).toThrow('duration');
  });

  it('keeps what it was asked, and tells when a request has come in', async () => {
    const arrived = model.requestCount(2);
    await ask('say: one', { client_metadata: { thread_id: 't', turn_id: 'u' } });
    await ask('say: two');
    const requests = await arrived;
    expect(requests.map(({ userText, threadId, turnId }) => [userText, threadId, turnId])).toEqual([
      ['say: one', 't', 'u'],
      ['say: two', undefined, undefined],
    ]);
  });

  it('lists itself as a model, and refuses what it does not serve', async () => {
    const models = await fetch(`${model.baseUrl}/models`);
    expect(await models.json()).toEqual({ object: 'list', data: [{ id: 'scripted-model', object: 'model' }] });
    expect((await fetch(`${model.baseUrl}/chat/completions`, { method: 'POST' })).status).toBe(404);
    const broken = await fetch(`${model.baseUrl}/responses`, { method: 'POST', body: 'no JSON' });
    expect(broken.status).toBe(400);
  });

  it('breaks what is under way when it closes', async () => {
    const response = await request([toMessage('part: half\nstall')]);
    await model.stalled();
    await Promise.all([expect(response.text()).rejects.toThrow(), model.close()]);
    model = await ScriptedModel.start();
  });
});

describe('the settings that point an engine at it', () => {
  it('are pairs of -c and a TOML value', () => {
    const overrides = scriptedProviderOverrides('http://127.0.0.1:1/v1');
    expect(overrides.filter((_, index) => index % 2 === 0)).toEqual(
      overrides.slice(0, overrides.length / 2).map(() => '-c'),
    );
    expect(overrides).toContain('model_providers.scripted.base_url="http://127.0.0.1:1/v1"');
    expect(overrides).toContain('model_providers.scripted.requires_openai_auth=false');
  });
});
