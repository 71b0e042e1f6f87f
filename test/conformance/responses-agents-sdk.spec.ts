import {
  Agent,
  OpenAIConversationsSession,
  OpenAIProvider,
  Runner,
  setTracingDisabled,
  tool,
  user,
} from '@openai/agents';
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from 'openai';
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

setTracingDisabled(true);

const model = 'scripted-model';

let app: App;
let asked: string[];

const cityTool = (name: string, answer: string): ReturnType<typeof tool> =>
  tool({
    name,
    description: `Tells the ${name}.`,
    parameters: CITY,
    execute: ({ city }) => {
      asked.push(`${name} ${city}`);
      return `${answer} in ${city}`;
    },
  });

const tools = [cityTool('weather', 'sun'), cityTool('clock_time', 'noon')];

function toRunner(defaultHeaders: Record<string, string> = {}, apiKey = TOKEN): Runner {
  const openAIClient = new OpenAI({ baseURL: `${app.url}/v1`, apiKey, maxRetries: 0, defaultHeaders });
  return new Runner({ modelProvider: new OpenAIProvider({ openAIClient }), tracingDisabled: true });
}

beforeAll(async () => {
  app = await App.start();
});

beforeEach(() => {
  asked = [];
});

afterAll(async () => {
  await app.stop();
});

describe.each(MODES)('the Agents SDK, %s mode', (mode, headers) => {
  let runner: Runner;

  beforeAll(() => {
    runner = toRunner(headers);
  });

  it('gets an answer with its usage', async () => {
    const agent = new Agent({ name: 'Brief', instructions: 'Be brief.', model });
    const result = await runner.run(agent, 'say: Hello.\nusage: 5/0/2/0');
    expect([result.finalOutput, result.state.usage.totalTokens]).toEqual(['Hello.', 7]);
    expect(lastToolNames(app).includes('exec_command')).toBe(mode === 'agent');
  });

  it('streams', async () => {
    const result = await runner.run(new Agent({ name: 'Teller', model }), 'say: One two three.', { stream: true });
    const texts: string[] = [];
    for await (const text of result.toTextStream()) {
      texts.push(text);
    }
    await result.completed;
    expect([texts, result.finalOutput]).toEqual([['One', ' two', ' three.'], 'One two three.']);
  });

  it.each([false, true])('runs tools together until the answer is there, streamed: %s', async (stream) => {
    const agent = new Agent({ name: 'Worker', model, tools });
    const result = stream
      ? await runner.run(agent, TWO_CALLS, { stream: true })
      : await runner.run(agent, TWO_CALLS, { stream: false });
    await ('completed' in result ? result.completed : undefined);
    expect([result.finalOutput, asked]).toEqual(['Sun and noon.', ['weather Oslo', 'clock_time Rome']]);
    expect(threadsOfLast(app, 2)).toBe(1);
  });
});

describe('the Agents SDK', () => {
  it('gets structured output', async () => {
    const agent = new Agent({ name: 'Geographer', model, outputType: CITY });
    const { finalOutput } = await toRunner().run(agent, 'say: {"city":"Oslo"}');
    expect(finalOutput).toEqual({ city: 'Oslo' });
    expect(app.model.requests.at(-1)?.outputSchema).toMatchObject({ required: ['city'] });
  });

  it.each(['required', 'weather'])('demands a call first: %s', async (toolChoice) => {
    const agent = new Agent({ name: 'Worker', model, tools, modelSettings: { toolChoice } });
    const { finalOutput } = await toRunner().run(agent, ONE_CALL);
    expect([finalOutput, asked]).toEqual(['Take no umbrella.', ['weather Oslo']]);
    const told = app.model.requests.slice(-2).map(({ body }) => JSON.stringify(body.input).includes('You can call:'));
    expect(told).toEqual([true, false]);
  });

  it('sends images', async () => {
    const content = [
      { type: 'input_text' as const, text: 'say: A dot.' },
      { type: 'input_image' as const, image: PIXEL_URL },
    ];
    const { finalOutput } = await toRunner().run(new Agent({ name: 'Looker', model }), [user(content)]);
    expect(finalOutput).toBe('A dot.');
    expect(lastInput(app)).toContain(PIXEL_URL);
  });

  it('goes on with its history, by the last response, and in a conversation', async () => {
    const runner = toRunner();
    const agent = new Agent({ name: 'Talker', model, tools });
    const first = await runner.run(agent, ONE_CALL);
    const second = await runner.run(agent, [...first.history, user('say: Two.')]);
    expect([second.finalOutput, lastInput(app).includes('sun in Oslo'), threadsOfLast(app, 3)]).toEqual([
      'Two.',
      true,
      1,
    ]);
    const previous = { previousResponseId: second.lastResponseId ?? '' };
    const third = await runner.run(agent, 'call: clock_time {"city":"Rome"}\nsay: Three.', previous);
    expect([third.finalOutput, lastInput(app).includes('Two.'), threadsOfLast(app, 5)]).toEqual(['Three.', true, 1]);
    const conversationId = (await new OpenAI({ baseURL: `${app.url}/v1`, apiKey: TOKEN }).conversations.create({})).id;
    await runner.run(agent, 'say: Four.', { conversationId });
    const last = await runner.run(agent, 'say: Five.', { conversationId });
    expect([last.finalOutput, lastInput(app).includes('Four.')]).toEqual(['Five.', true]);
  });

  it('keeps its history in a conversation of the server', async () => {
    const client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: TOKEN, maxRetries: 0 });
    const session = new OpenAIConversationsSession({ client });
    const agent = new Agent({ name: 'Keeper', model, tools });
    await toRunner().run(agent, TWO_CALLS, { session });
    const types = (await session.getItems()).map(({ type }) => type);
    expect(types).toEqual([
      ...['message', 'function_call', 'function_call', 'function_call_result', 'function_call_result', 'message'],
    ]);
    const again = new OpenAIConversationsSession({ client, conversationId: await session.getSessionId() });
    const { finalOutput } = await toRunner().run(agent, 'say: Still here.', { session: again });
    expect([finalOutput, lastInput(app).includes('noon in Rome')]).toEqual(['Still here.', true]);
    const popped = await again.popItem();
    expect([popped, (await again.getItems(1))[0]]).toMatchObject([{ role: 'assistant' }, { role: 'user' }]);
    await again.clearSession();
  });

  it('goes on without any state of the server', async () => {
    const agent = new Agent({ name: 'Stranger', model, tools, modelSettings: { store: false } });
    const first = await toRunner().run(agent, TWO_CALLS);
    const second = await toRunner().run(agent, [...first.history, user('say: Bye.')]);
    expect([first.finalOutput, second.finalOutput]).toEqual(['Sun and noon.', 'Bye.']);
  });

  it('hands over to another agent', async () => {
    const specialist = new Agent({ name: 'Specialist', model, instructions: 'You know.' });
    const desk = new Agent({ name: 'Desk', model, handoffs: [specialist] });
    const result = await toRunner().run(desk, 'call: transfer_to_Specialist {}\nsay: I know.');
    expect([result.finalOutput, result.lastAgent?.name]).toEqual(['I know.', 'Specialist']);
  });

  it('speaks over a socket', async () => {
    const openAIClient = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: TOKEN, maxRetries: 0 });
    const modelProvider = new OpenAIProvider({ openAIClient, useResponses: true, useResponsesWebSocket: true });
    const runner = new Runner({ modelProvider, tracingDisabled: true });
    const result = await runner.run(new Agent({ name: 'Worker', model, tools }), TWO_CALLS);
    await modelProvider.close();
    expect([result.finalOutput, asked]).toEqual(['Sun and noon.', ['weather Oslo', 'clock_time Rome']]);
  });

  it('throws the errors of the OpenAI SDK', async () => {
    const agent = new Agent({ name: 'Failing', model });
    expect(await caught(toRunner({}, 'wrong').run(agent, 'Hi'))).toBeInstanceOf(AuthenticationError);
    const lost = await caught(toRunner().run(agent, 'Hi', { previousResponseId: 'resp_unknown' }));
    expect(lost).toBeInstanceOf(NotFoundError);
    expect(lost).toMatchObject({ code: 'previous_response_not_found' });
    const hot = new Agent({ name: 'Hot', model, modelSettings: { temperature: 9 } });
    const refused = await caught(toRunner().run(hot, 'Hi'));
    expect(refused).toBeInstanceOf(BadRequestError);
    expect(refused).toMatchObject({ param: 'temperature' });
  });
});
