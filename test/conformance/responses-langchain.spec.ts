import {
  AIMessage,
  type AIMessageChunk,
  HumanMessage,
  SystemMessage,
  type ToolMessage,
  type BaseMessage,
} from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, type ChatOpenAIFields, type ChatOpenAIResponsesCallOptions } from '@langchain/openai';
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

const weather = tool(({ city }) => `sun in ${city}`, { name: 'weather', description: 'The weather.', schema: CITY });
const clock = tool(({ city }) => `noon in ${city}`, { name: 'clock_time', description: 'The time.', schema: CITY });
const byName = { weather, clock_time: clock };

type Model = ChatOpenAI<ChatOpenAIResponsesCallOptions>;

let app: App;

function toModel(defaultHeaders: Record<string, string> = {}, more: Partial<ChatOpenAIFields> = {}): Model {
  return new ChatOpenAI({
    model: 'scripted-model',
    apiKey: TOKEN,
    maxRetries: 0,
    useResponsesApi: true,
    configuration: { baseURL: `${app.url}/v1`, defaultHeaders },
    ...more,
  });
}

/** The outputs of the calls that the model made. */
async function outputsOf({ tool_calls: calls = [] }: AIMessage): Promise<ToolMessage[]> {
  return Promise.all(calls.map(async (call) => await byName[call.name as 'weather'].invoke(call)));
}

const responseIdOf = (message: AIMessage): string => String(message.response_metadata.id);

beforeAll(async () => {
  app = await App.start();
});

afterAll(async () => {
  await app.stop();
});

describe.each(MODES)('LangChain over responses, %s mode', (mode, headers) => {
  let model: Model;

  beforeAll(() => {
    model = toModel(headers);
  });

  it('gets an answer with its usage', async () => {
    const answer = await model.invoke([
      new SystemMessage('Be brief.'),
      new HumanMessage('say: Hello.\nusage: 5/0/2/0'),
    ]);
    expect([answer.text, answer.usage_metadata]).toEqual([
      'Hello.',
      expect.objectContaining({ input_tokens: 5, output_tokens: 2, total_tokens: 7 }),
    ]);
    expect(lastToolNames(app).includes('exec_command')).toBe(mode === 'agent');
  });

  it('streams', async () => {
    const texts: string[] = [];
    for await (const chunk of await model.stream('say: One two three.')) {
      texts.push(chunk.text);
    }
    expect(texts.filter((text) => text !== '')).toEqual(['One', ' two', ' three.']);
  });

  it('runs tools together, and goes on with all messages', async () => {
    const bound = model.bindTools([weather, clock]);
    const messages: BaseMessage[] = [new HumanMessage(TWO_CALLS)];
    const asked = await bound.invoke(messages);
    expect(asked.tool_calls?.map(({ name, args }) => [name, args])).toEqual([
      ['weather', { city: 'Oslo' }],
      ['clock_time', { city: 'Rome' }],
    ]);
    const answer = await bound.invoke([...messages, asked, ...(await outputsOf(asked))]);
    expect([answer.text, threadsOfLast(app, 2)]).toEqual(['Sun and noon.', 1]);
    expect(lastInput(app)).toContain('noon in Rome');
  });
});

describe('LangChain over responses', () => {
  it('streams the calls of tools, and goes on by the last response', async () => {
    const bound = toModel().bindTools([weather]);
    let asked: AIMessageChunk | undefined;
    for await (const chunk of await bound.stream(ONE_CALL)) {
      asked = asked?.concat(chunk) ?? chunk;
    }
    expect(asked?.tool_calls?.map(({ name, args }) => [name, args])).toEqual([['weather', { city: 'Oslo' }]]);
    const answer = await bound.invoke(await outputsOf(asked!), { previous_response_id: responseIdOf(asked!) });
    expect([answer.text, threadsOfLast(app, 2)]).toEqual(['Take no umbrella.', 1]);
  });

  it('makes one call at a time when told to', async () => {
    const bound = toModel().bindTools([weather, clock], { parallel_tool_calls: false });
    expect((await bound.invoke(TWO_CALLS)).tool_calls?.map(({ name }) => name)).toEqual(['weather']);
  });

  it('gets structured output by a schema', async () => {
    const bySchema = toModel().withStructuredOutput(CITY, { method: 'jsonSchema' });
    expect(await bySchema.invoke('say: {"city":"Oslo"}')).toEqual({ city: 'Oslo' });
    expect(app.model.requests.at(-1)?.outputSchema).toMatchObject({ required: ['city'] });
    const byJson = toModel().withStructuredOutput(CITY, { method: 'jsonMode' });
    expect(await byJson.invoke('say: {"city":"Bern"}')).toEqual({ city: 'Bern' });
  });

  it('gets structured output by a call that it demands', async () => {
    const byCall = toModel().withStructuredOutput(CITY, { method: 'functionCalling', name: 'place' });
    expect(await byCall.invoke('call: place {"city":"Oslo"}')).toEqual({ city: 'Oslo' });
    expect(lastInput(app)).toContain('You can call: place.');
    const forced = toModel().bindTools([weather, clock], { tool_choice: 'clock_time' });
    const asked = await forced.invoke('call: clock_time {"city":"Rome"}');
    expect(asked.tool_calls?.map(({ name }) => name)).toEqual(['clock_time']);
    expect(lastToolNames(app)).not.toContain('weather');
  });

  it('sends images', async () => {
    const image = { type: 'image_url', image_url: { url: PIXEL_URL } };
    const message = new HumanMessage({ content: [{ type: 'text', text: 'say: A dot.' }, image] });
    expect((await toModel().invoke([message])).text).toBe('A dot.');
    expect(lastInput(app)).toContain(PIXEL_URL);
  });

  it('goes on with a conversation, by messages and by the last response', async () => {
    const model = toModel();
    const first = await model.invoke('say: One.');
    const second = await model.invoke([new HumanMessage('say: One.'), first, new HumanMessage('say: Two.')]);
    const third = await model.invoke([
      ...[new HumanMessage('say: One.'), new AIMessage('One.'), new HumanMessage('say: Two.')],
      ...[second, new HumanMessage('say: Three.')],
    ]);
    expect([third.text, threadsOfLast(app, 3)]).toEqual(['Three.', 1]);
    const fourth = await model.invoke('say: Four.', { previous_response_id: responseIdOf(third) });
    expect([fourth.text, lastInput(app).includes('Three.'), threadsOfLast(app, 4)]).toEqual(['Four.', true, 1]);
  });

  it('goes on without any state of the server', async () => {
    const model = toModel({}, { zdrEnabled: true }).bindTools([weather, clock]);
    const messages: BaseMessage[] = [new HumanMessage(TWO_CALLS)];
    const asked = await model.invoke(messages);
    messages.push(asked, ...(await outputsOf(asked)));
    const answer = await model.invoke(messages);
    const bye = await model.invoke([...messages, answer, new HumanMessage('say: Bye.')]);
    expect([answer.text, bye.text]).toEqual(['Sun and noon.', 'Bye.']);
  });

  it('makes its own errors of ours', async () => {
    expect(await caught(toModel({}, { apiKey: 'wrong' }).invoke('Hi'))).toMatchObject({
      status: 401,
      lc_error_code: 'MODEL_AUTHENTICATION',
    });
    expect(await caught(toModel().invoke('Hi', { previous_response_id: 'resp_unknown' }))).toMatchObject({
      status: 404,
      code: 'previous_response_not_found',
      lc_error_code: 'MODEL_NOT_FOUND',
    });
    expect(await caught(toModel({}, { modelKwargs: { max_tool_calls: 3.5 } }).invoke('Hi'))).toMatchObject({
      status: 400,
      code: 'invalid_type',
      param: 'max_tool_calls',
    });
  });
});
