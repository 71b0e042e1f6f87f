import { createOpenAI } from '@ai-sdk/openai';
import {
  APICallError,
  generateText,
  isStepCount,
  type LanguageModel,
  type ModelMessage,
  Output,
  streamText,
  tool,
} from 'ai';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';
import {
  caught,
  CITY,
  lastInput,
  lastToolNames,
  MODES,
  PIXEL_BASE64,
  PIXEL_URL,
  threadsOfLast,
  TWO_CALLS,
} from '../support/responses-sdk.js';

const tools = {
  weather: tool({ description: 'The weather.', inputSchema: CITY, execute: ({ city }) => `sun in ${city}` }),
  clock_time: tool({ description: 'The time.', inputSchema: CITY, execute: ({ city }) => `noon in ${city}` }),
};

let app: App;

const toModel = (headers: Record<string, string> = {}, apiKey = TOKEN): LanguageModel =>
  createOpenAI({ baseURL: `${app.url}/v1`, apiKey, headers })('scripted-model');

beforeAll(async () => {
  app = await App.start();
});

afterAll(async () => {
  await app.stop();
});

describe.each(MODES)('the AI SDK over responses, %s mode', (mode, headers) => {
  let model: LanguageModel;

  beforeAll(() => {
    model = toModel(headers);
  });

  it('gets an answer with its usage', async () => {
    const { text, usage, finishReason } = await generateText({
      model,
      instructions: 'Be brief.',
      prompt: 'say: Hello.\nusage: 5/0/2/0',
    });
    expect([text, finishReason, usage.inputTokens, usage.outputTokens]).toEqual(['Hello.', 'stop', 5, 2]);
    expect(lastToolNames(app).includes('exec_command')).toBe(mode === 'agent');
  });

  it('streams, with its reasoning and usage', async () => {
    const result = streamText({ model, prompt: 'think: Hm, yes.\nsay: One two three.\nusage: 5/0/3/1' });
    const texts: string[] = [];
    for await (const text of result.textStream) {
      texts.push(text);
    }
    expect(texts).toEqual(['One', ' two', ' three.']);
    expect([
      await result.finalStep.then(({ reasoningText }) => reasoningText),
      (await result.usage).outputTokens,
    ]).toEqual(['Hm, yes.', 3]);
  });

  it('runs tools together until the answer is there, in one thread', async () => {
    const { text, steps } = await generateText({ model, tools, prompt: TWO_CALLS, stopWhen: isStepCount(3) });
    expect(steps.map(({ toolResults }) => toolResults.map(({ output }) => output))).toEqual([
      ['sun in Oslo', 'noon in Rome'],
      [],
    ]);
    expect([text, threadsOfLast(app, 2)]).toEqual(['Sun and noon.', 1]);
  });

  it('runs tools in a stream', async () => {
    const result = streamText({ model, tools, prompt: TWO_CALLS, stopWhen: isStepCount(3) });
    await result.consumeStream();
    expect([await result.text, threadsOfLast(app, 2)]).toEqual(['Sun and noon.', 1]);
  });
});

describe('the AI SDK over responses', () => {
  it('gets structured output, whole and streamed', async () => {
    const asked = { model: toModel(), output: Output.object({ schema: CITY }), prompt: 'say: {"city":"Oslo"}' };
    expect((await generateText(asked)).output).toEqual({ city: 'Oslo' });
    expect(await streamText(asked).output).toEqual({ city: 'Oslo' });
    expect(app.model.requests.at(-1)?.outputSchema).toMatchObject({ required: ['city'] });
  });

  it('sends images and files', async () => {
    const content = [
      { type: 'text' as const, text: 'say: A dot.' },
      { type: 'file' as const, data: PIXEL_BASE64, mediaType: 'image/png' },
    ];
    const { text } = await generateText({ model: toModel(), messages: [{ role: 'user', content }] });
    expect(text).toBe('A dot.');
    expect(lastInput(app)).toContain(PIXEL_URL);
  });

  it('goes on with its messages, and by the last response', async () => {
    const model = toModel();
    const messages: ModelMessage[] = [{ role: 'user', content: 'think: Hm.\nsay: One.' }];
    let last = '';
    for (const next of ['say: Two.', 'say: Three.', 'say: Four.']) {
      const { responseMessages, finalStep } = await generateText({ model, messages });
      last = finalStep.providerMetadata?.openai?.responseId as string;
      messages.push(...responseMessages, { role: 'user', content: next });
    }
    expect([lastInput(app).includes('Two.'), threadsOfLast(app, 3)]).toEqual([true, 1]);
    const providerOptions = { openai: { previousResponseId: last } };
    const { text } = await generateText({ model, prompt: 'say: Five.', providerOptions });
    expect([text, lastInput(app).includes('Three.'), threadsOfLast(app, 4)]).toEqual(['Five.', true, 1]);
  });

  it('goes on without any state of the server', async () => {
    const providerOptions = { openai: { store: false, include: ['reasoning.encrypted_content'] } };
    const options = { model: toModel(), tools, stopWhen: isStepCount(3), providerOptions };
    const prompt: ModelMessage = { role: 'user', content: TWO_CALLS };
    const { text, responseMessages } = await generateText({ ...options, messages: [prompt] });
    const messages: ModelMessage[] = [prompt, ...responseMessages, { role: 'user', content: 'say: Bye.' }];
    expect([text, (await generateText({ ...options, messages })).text]).toEqual(['Sun and noon.', 'Bye.']);
  });

  it('makes its own errors of ours', async () => {
    const ask = (model: LanguageModel, more: object = {}): Promise<unknown> =>
      caught(generateText({ model, prompt: 'fail: 429 Slow down.', maxRetries: 0, ...more }));
    const stranger = await ask(toModel({}, 'wrong'));
    expect([APICallError.isInstance(stranger), stranger]).toEqual([true, expect.objectContaining({ statusCode: 401 })]);
    const lost = await ask(toModel(), { providerOptions: { openai: { previousResponseId: 'resp_unknown' } } });
    expect(lost).toMatchObject({ statusCode: 404, data: { error: { code: 'previous_response_not_found' } } });
    const refused = await ask(toModel(), { temperature: 9 });
    expect(refused).toMatchObject({ statusCode: 400, data: { error: { param: 'temperature' } } });
    expect(APICallError.isInstance(await ask(toModel()))).toBe(true);
    const errors: unknown[] = [];
    const onError = ({ error }: { error: unknown }): number => errors.push(error);
    const stream = streamText({ model: toModel(), prompt: 'fail: 429 Slow down.', maxRetries: 0, onError });
    await stream.consumeStream();
    expect(errors.map(String)).toEqual([expect.stringContaining('429')]);
  });
});
