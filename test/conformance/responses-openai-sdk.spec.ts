import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';
import {
  caught,
  CITY,
  lastInput,
  lastToolNames,
  MODES,
  ONE_CALL,
  PIXEL_URL,
  threadsOfLast,
  TWO_CALLS,
} from '../support/responses-sdk.js';

type Tool = OpenAI.Responses.FunctionTool;
type Response = OpenAI.Responses.Response;
type Output = OpenAI.Responses.ResponseInputItem.FunctionCallOutput;

const model = 'scripted-model';

const tools = ['weather', 'clock_time'].map((name): Tool => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  return { type: 'function', name, description: `Tells the ${name}.`, parameters, strict: true };
});

const callsOf = ({ output }: Response): OpenAI.Responses.ResponseFunctionToolCall[] =>
  output.filter((item) => item.type === 'function_call');

const toOutputs = (response: Response): Output[] =>
  callsOf(response).map(({ call_id, name }) => ({
    type: 'function_call_output',
    call_id,
    output: `the ${name} is fine`,
  }));

/** All items of a response are understood as input, though the types of some tools that it has not say otherwise. */
const toInput = ({ output }: Response): OpenAI.Responses.ResponseInput => output as OpenAI.Responses.ResponseInput;

let app: App;

beforeAll(async () => {
  app = await App.start();
});

afterAll(async () => {
  await app.stop();
});

describe.each(MODES)("OpenAI's own SDK, %s mode", (mode, defaultHeaders) => {
  let client: OpenAI;

  beforeAll(() => {
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: TOKEN, maxRetries: 0, defaultHeaders });
  });

  it('gets an answer with its usage', async () => {
    const response = await client.responses.create({
      model,
      instructions: 'Be brief.',
      input: 'say: Hello.\nusage: 5/1/3/2',
    });
    expect([response.status, response.output_text, response.usage]).toEqual([
      'completed',
      'Hello.',
      {
        input_tokens: 5,
        input_tokens_details: { cached_tokens: 1 },
        output_tokens: 3,
        output_tokens_details: { reasoning_tokens: 2 },
        total_tokens: 8,
      },
    ]);
    expect(lastToolNames(app).includes('exec_command')).toBe(mode === 'agent');
  });

  it('streams, and puts the same response together', async () => {
    const stream = client.responses.stream({ model, input: 'think: Hm.\nsay: One two three.' });
    const deltas: string[] = [];
    const snapshots: string[] = [];
    stream.on('response.output_text.delta', ({ delta, snapshot }) => {
      deltas.push(delta);
      snapshots.push(snapshot);
    });
    const response = await stream.finalResponse();
    expect(deltas).toEqual(['One', ' two', ' three.']);
    expect(snapshots.at(-1)).toBe('One two three.');
    expect(response.output_text).toBe('One two three.');
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(response).toMatchObject({ ...(await client.responses.retrieve(response.id)) });
  });

  it('runs two functions together, and goes on in the turn that waits for them', async () => {
    const asked = await client.responses.create({ model, tools, input: TWO_CALLS });
    expect(callsOf(asked).map(({ name, arguments: text }) => [name, JSON.parse(text) as unknown])).toEqual([
      ['weather', { city: 'Oslo' }],
      ['clock_time', { city: 'Rome' }],
    ]);
    const answer = await client.responses.create({
      model,
      tools,
      previous_response_id: asked.id,
      input: toOutputs(asked),
    });
    expect([answer.output_text, threadsOfLast(app, 2)]).toEqual(['Sun and noon.', 1]);
    expect(lastInput(app)).toContain('the clock_time is fine');
  });

  it('streams the calls of functions', async () => {
    const asked = await client.responses.stream({ model, tools, input: TWO_CALLS }).finalResponse();
    const stream = await client.responses.create({
      model,
      tools,
      previous_response_id: asked.id,
      input: toOutputs(asked),
      stream: true,
    });
    const texts: string[] = [];
    for await (const event of stream) {
      texts.push(event.type === 'response.output_text.done' ? event.text : '');
    }
    expect([texts.join(''), threadsOfLast(app, 2)]).toEqual(['Sun and noon.', 1]);
  });
});

describe("OpenAI's own SDK", () => {
  let client: OpenAI;

  beforeAll(() => {
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: TOKEN, maxRetries: 0 });
  });

  it("runs Codex's own tools, and tells of them only when asked", async () => {
    const body = {
      model,
      input: 'run: echo hello > note.txt\nsay: Written.',
      metadata: { codex_sandbox: 'workspace-write' },
    };
    const typesOf = ({ output }: Response): string[] => output.map(({ type }) => type);
    const plain = await client.responses.stream(body).finalResponse();
    expect([typesOf(plain), plain.output_text]).toEqual([['message'], 'Written.']);
    const include = ['codex.items' as OpenAI.Responses.ResponseIncludable];
    const told = await client.responses.stream({ ...body, include }).finalResponse();
    expect([typesOf(told), told.output_text]).toEqual([['codex:command_execution', 'message'], 'Written.']);
  });

  it('gets all calls of one answer together, however long the model takes over each', async () => {
    const [first = '', second = ''] = TWO_CALLS.split('\nalso ');
    app.model.enqueue(`${first}\ndelay: 150ms\n${second}`);
    const asked = await client.responses.create({ model, tools, input: 'Sun or rain?' });
    expect(callsOf(asked).map(({ name }) => name)).toEqual(['weather', 'clock_time']);
  });

  it('makes calls one after the other when told to', async () => {
    const options = { model, tools, parallel_tool_calls: false };
    const goOn = (response: Response): Promise<Response> =>
      client.responses.create({ ...options, previous_response_id: response.id, input: toOutputs(response) });
    const first = await client.responses.create({ ...options, input: TWO_CALLS });
    expect(callsOf(first).map(({ name }) => name)).toEqual(['weather']);
    const second = await goOn(first);
    expect(callsOf(second).map(({ name }) => name)).toEqual(['clock_time']);
    const third = await goOn(second);
    expect(third.output_text).toBe('Sun and noon.');
  });

  it('goes on with the whole conversation, without any state of the server', async () => {
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: ONE_CALL }];
    const options = { model, tools, store: false, include: ['reasoning.encrypted_content' as const] };
    const asked = await client.responses.create({ ...options, input });
    input.push(...toInput(asked), ...toOutputs(asked));
    const answer = await client.responses.create({ ...options, input });
    expect(answer.output_text).toBe('Take no umbrella.');
    input.push(...toInput(answer), { role: 'user', content: 'say: Bye.' });
    expect((await client.responses.create({ ...options, input })).output_text).toBe('Bye.');
    expect(lastInput(app)).toContain('Take no umbrella.');
    expect(await caught(client.responses.retrieve(answer.id))).toBeInstanceOf(NotFoundError);
  });

  it('parses structured output, whole and streamed', async () => {
    const body = { model, input: 'say: {"city":"Oslo"}', text: { format: zodTextFormat(CITY, 'city') } };
    expect((await client.responses.parse(body)).output_parsed).toEqual({ city: 'Oslo' });
    expect((await client.responses.stream(body).finalResponse()).output_parsed).toEqual({ city: 'Oslo' });
    expect(app.model.requests.at(-1)?.outputSchema).toMatchObject({ required: ['city'] });
  });

  it('sends images and files', async () => {
    const content: OpenAI.Responses.ResponseInputContent[] = [
      { type: 'input_file', filename: 'notes.txt', file_data: `data:text/plain;base64,${btoa('buy milk')}` },
      { type: 'input_image', image_url: PIXEL_URL, detail: 'auto' },
      { type: 'input_text', text: 'say: A dot.' },
    ];
    const response = await client.responses.create({ model, input: [{ role: 'user', content }] });
    expect(response.output_text).toBe('A dot.');
    expect(lastInput(app)).toContain(PIXEL_URL);
    expect(lastInput(app)).toContain('buy milk');
  });

  it('goes on from a response, from an older one, and in a conversation', async () => {
    const first = await client.responses.create({ model, input: 'say: One.' });
    const say = (text: string, id: string): Promise<Response> =>
      client.responses.create({ model, input: `say: ${text}`, previous_response_id: id });
    const second = await say('Two.', first.id);
    expect([second.output_text, threadsOfLast(app, 2)]).toEqual(['Two.', 1]);
    const other = await say('Other.', first.id);
    expect([other.output_text, lastInput(app).includes('Two.'), threadsOfLast(app, 2)]).toEqual(['Other.', false, 2]);
    const conversation = (await client.conversations.create({ metadata: { of: 'sdk' } })).id;
    await client.responses.create({ model, conversation, input: 'say: Three.' });
    const { output_text: text } = await client.responses.create({ model, conversation, input: 'say: Four.' });
    expect([text, lastInput(app).includes('Three.')]).toEqual(['Four.', true]);
    const items = await client.conversations.items.list(conversation, { order: 'asc' });
    expect(items.data.map((item) => item.type === 'message' && item.role)).toEqual([
      ...['user', 'assistant'],
      ...['user', 'assistant'],
    ]);
  });

  it('makes a response in the background, streams it again from the middle, and cancels', async () => {
    const begun = await client.responses.create({
      model,
      input: 'say: Well.\ngate: late\nsay: Done.',
      background: true,
    });
    expect(begun.status).toBe('queued');
    await app.model.reached('late');
    expect((await client.responses.retrieve(begun.id)).status).toBe('in_progress');
    app.model.release('late');
    const types: string[] = [];
    for await (const event of await client.responses.retrieve(begun.id, { stream: true, starting_after: 3 })) {
      types.push(`${String(event.sequence_number)} ${event.type}`);
    }
    expect([types[0], types.at(-1)]).toEqual([
      '4 response.content_part.added',
      expect.stringMatching(/response.completed$/),
    ]);
    const stalled = await client.responses.create({ model, input: 'stall', background: true });
    expect((await client.responses.cancel(stalled.id)).status).toBe('cancelled');
  });

  it('lists what it said, sums up, and deletes', async () => {
    const response = await client.responses.create({
      model,
      input: [
        { role: 'user', content: 'One thing.' },
        { role: 'user', content: 'say: Fine.' },
      ],
    });
    const texts: unknown[] = [];
    for await (const item of client.responses.inputItems.list(response.id, { limit: 1 })) {
      texts.push(item.type === 'message' && item.content);
    }
    expect(texts).toEqual([[{ type: 'input_text', text: 'say: Fine.' }], [{ type: 'input_text', text: 'One thing.' }]]);
    const compaction = await client.responses.compact({ model, previous_response_id: response.id });
    expect([compaction.object, compaction.output.map(({ type }) => type)]).toEqual([
      'response.compaction',
      ['compaction'],
    ]);
    await client.responses.delete(response.id);
    expect(await caught(client.responses.retrieve(response.id))).toBeInstanceOf(NotFoundError);
  });

  it('speaks over a socket', async () => {
    const socket = new ResponsesWS(client);
    const texts: string[] = [];
    const over = Promise.withResolvers<undefined>();
    socket.on('response.output_text.delta', ({ delta }) => texts.push(delta));
    socket.on('response.completed', () => {
      over.resolve(undefined);
    });
    socket.on('error', over.reject);
    socket.send({ type: 'response.create', model, input: 'say: Over the wire.' });
    await over.promise;
    socket.close();
    expect(texts.join('')).toBe('Over the wire.');
  });

  it('makes its own errors of ours', async () => {
    const stranger = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
    expect(await caught(stranger.responses.create({ model, input: 'Hi' }))).toBeInstanceOf(AuthenticationError);
    const lost = await caught(client.responses.create({ model, input: 'Hi', previous_response_id: 'resp_unknown' }));
    expect(lost).toBeInstanceOf(NotFoundError);
    expect(lost).toMatchObject({ code: 'previous_response_not_found', param: 'previous_response_id' });
    const unknown = await caught(client.responses.create({ model, input: 'Hi', n: 2 } as never));
    expect(unknown).toBeInstanceOf(BadRequestError);
    expect(unknown).toMatchObject({ code: 'unknown_parameter', param: 'n', type: 'invalid_request_error' });
    const stream = await caught(client.responses.stream({ model, input: 'Hi', temperature: 9 }).finalResponse());
    expect(stream).toMatchObject({ status: 400, param: 'temperature' });
  });

  it('is told of a failure of the model as a failed response', async () => {
    const failed = await client.responses.create({ model, input: 'fail: 429 Slow down.' });
    expect([failed.status, failed.error?.code]).toEqual(['failed', 'rate_limit_exceeded']);
    const types: string[] = [];
    for await (const { type } of await client.responses.create({ model, input: 'fail: 429 No.', stream: true })) {
      types.push(type);
    }
    expect(types.at(-1)).toBe('response.failed');
  });
});
