import { AIMessage, HumanMessage, SystemMessage, type BaseMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, type ChatOpenAICompletionsCallOptions } from '@langchain/openai';
import { z } from 'zod';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const CITY = z.object({ city: z.string() });

const weather = tool(({ city }) => `sun in ${city}`, { name: 'weather', description: 'The weather.', schema: CITY });
const clock = tool(({ city }) => `noon in ${city}`, { name: 'clock_time', description: 'The time.', schema: CITY });

const TWO_CALLS = 'call: weather {"city":"Oslo"}\nalso call: clock_time {"city":"Rome"}\nsay: Sun and noon.';

describe('LangChain over chat completions', () => {
  let app: App;
  let model: ChatOpenAI<ChatOpenAICompletionsCallOptions>;

  beforeAll(async () => {
    app = await App.start();
    model = new ChatOpenAI({
      model: 'scripted-model',
      apiKey: TOKEN,
      maxRetries: 0,
      useResponsesApi: false,
      configuration: { baseURL: `${app.url}/v1` },
    });
  });

  afterAll(async () => {
    await app.stop();
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
  });

  it('streams', async () => {
    const texts: string[] = [];
    for await (const chunk of await model.stream('say: One two three.')) {
      texts.push(chunk.text);
    }
    expect(texts.filter((text) => text !== '')).toEqual(['One', ' two', ' three.']);
  });

  it('runs tools together, and goes on', async () => {
    const bound = model.bindTools([weather, clock]);
    const messages: BaseMessage[] = [new HumanMessage(TWO_CALLS)];
    const asked = await bound.invoke(messages);
    expect(asked.tool_calls?.map(({ name, args }) => [name, args])).toEqual([
      ['weather', { city: 'Oslo' }],
      ['clock_time', { city: 'Rome' }],
    ]);
    const byName = { weather, clock_time: clock };
    const outputs = await Promise.all(
      (asked.tool_calls ?? []).map(async (call) => await byName[call.name as 'weather'].invoke(call)),
    );
    const answer = await bound.invoke([...messages, asked, ...outputs]);
    expect(answer.text).toBe('Sun and noon.');
    expect(new Set(app.model.requests.slice(-2).map(({ threadId }) => threadId)).size).toBe(1);
  });

  it('gets structured output by a schema and by a function', async () => {
    const bySchema = model.withStructuredOutput(CITY, { method: 'jsonSchema' });
    expect(await bySchema.invoke('say: {"city":"Oslo"}')).toEqual({ city: 'Oslo' });
    const byFunction = model.withStructuredOutput(CITY, { method: 'functionCalling', name: 'answer_city' });
    expect(await byFunction.invoke('call: answer_city {"city":"Rome"}')).toEqual({ city: 'Rome' });
    const byJson = model.withStructuredOutput(CITY, { method: 'jsonMode' });
    expect(await byJson.invoke('say: {"city":"Bern"}')).toEqual({ city: 'Bern' });
  });

  it('sends images', async () => {
    const image = { type: 'image_url', image_url: { url: PIXEL } };
    const answer = await model.invoke([new HumanMessage({ content: [{ type: 'text', text: 'say: A dot.' }, image] })]);
    expect(answer.text).toBe('A dot.');
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain(PIXEL);
  });

  it('goes on with a conversation', async () => {
    const first = await model.invoke('say: One.');
    const second = await model.invoke([new HumanMessage('say: One.'), first, new HumanMessage('say: Two.')]);
    const third = await model.invoke([
      ...[new HumanMessage('say: One.'), new AIMessage('One.'), new HumanMessage('say: Two.')],
      ...[second, new HumanMessage('say: Three.')],
    ]);
    expect(third.text).toBe('Three.');
    expect(new Set(app.model.requests.slice(-3).map(({ threadId }) => threadId)).size).toBe(1);
  });

  it('makes its own errors of ours', async () => {
    const error: unknown = await model.invoke('fail: 429 Slow down.').catch((cause: unknown) => cause);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
  });
});
