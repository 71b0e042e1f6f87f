import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, isStepCount, type LanguageModel, Output, streamText, tool, type ModelMessage } from 'ai';
import { z } from 'zod';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const CITY = z.object({ city: z.string() });

const tools = {
  weather: tool({ description: 'The weather.', inputSchema: CITY, execute: ({ city }) => `sun in ${city}` }),
  clock_time: tool({ description: 'The time.', inputSchema: CITY, execute: ({ city }) => `noon in ${city}` }),
};

const TWO_CALLS = 'call: weather {"city":"Oslo"}\nalso call: clock_time {"city":"Rome"}\nsay: Sun and noon.';

const PROVIDERS = {
  'openai.chat': (baseURL: string): LanguageModel => createOpenAI({ baseURL, apiKey: TOKEN }).chat('scripted-model'),
  'openai-compatible': (baseURL: string): LanguageModel =>
    createOpenAICompatible({
      name: 'codex',
      baseURL,
      apiKey: TOKEN,
      includeUsage: true,
      supportsStructuredOutputs: true,
    })('scripted-model'),
};

let app: App;

beforeAll(async () => {
  app = await App.start();
});

afterAll(async () => {
  await app.stop();
});

describe.each(Object.entries(PROVIDERS))('the AI SDK over chat completions: %s', (_name, toModel) => {
  let model: LanguageModel;

  beforeAll(() => {
    model = toModel(`${app.url}/v1`);
  });

  const threadsOfLast = (count: number): number =>
    new Set(app.model.requests.slice(-count).map(({ threadId }) => threadId)).size;

  it('gets an answer with its usage', async () => {
    const { text, usage, finishReason } = await generateText({
      model,
      instructions: 'Be brief.',
      prompt: 'say: Hello.\nusage: 5/0/2/0',
    });
    expect([text, finishReason, usage.inputTokens, usage.outputTokens]).toEqual(['Hello.', 'stop', 5, 2]);
  });

  it('streams, with its usage', async () => {
    const result = streamText({ model, prompt: 'say: One two three.\nusage: 5/0/3/0' });
    const texts: string[] = [];
    for await (const text of result.textStream) {
      texts.push(text);
    }
    expect(texts).toEqual(['One', ' two', ' three.']);
    expect((await result.usage).outputTokens).toBe(3);
  });

  it('runs tools together until the answer is there, in one thread', async () => {
    const { text, steps } = await generateText({ model, tools, prompt: TWO_CALLS, stopWhen: isStepCount(3) });
    expect(steps.map(({ toolResults }) => toolResults.map(({ output }) => output))).toEqual([
      ['sun in Oslo', 'noon in Rome'],
      [],
    ]);
    expect([text, threadsOfLast(2)]).toEqual(['Sun and noon.', 1]);
  });

  it('runs tools in a stream', async () => {
    const result = streamText({ model, tools, prompt: TWO_CALLS, stopWhen: isStepCount(3) });
    await result.consumeStream();
    expect([await result.text, threadsOfLast(2)]).toEqual(['Sun and noon.', 1]);
  });

  it('gets structured output', async () => {
    const { output } = await generateText({
      model,
      output: Output.object({ schema: CITY }),
      prompt: 'say: {"city":"Oslo"}',
    });
    expect(output).toEqual({ city: 'Oslo' });
    expect(app.model.requests.at(-1)?.outputSchema).toMatchObject({ required: ['city'] });
  });

  it('sends images', async () => {
    const content = [
      { type: 'text' as const, text: 'say: A dot.' },
      { type: 'file' as const, data: PIXEL, mediaType: 'image/png' },
    ];
    const { text } = await generateText({ model, messages: [{ role: 'user', content }] });
    expect(text).toBe('A dot.');
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain(`data:image/png;base64,${PIXEL}`);
  });

  it('goes on with a conversation', async () => {
    const messages: ModelMessage[] = [{ role: 'user', content: 'say: One.' }];
    for (const next of ['say: Two.', 'say: Three.', 'say: Four.']) {
      const { finalStep } = await generateText({ model, messages });
      messages.push(...finalStep.response.messages, { role: 'user', content: next });
    }
    expect(threadsOfLast(3)).toBe(1);
  });

  it('makes its own errors of ours', async () => {
    const ask = generateText({ model, prompt: 'fail: 429 Slow down.', maxRetries: 0 });
    expect(await ask.catch((error: unknown) => error)).toMatchObject({ statusCode: 429, isRetryable: true });
  });
});

it('the AI SDK is told what the model thought', async () => {
  const model = PROVIDERS['openai-compatible'](`${app.url}/v1`);
  const { finalStep, text } = await generateText({ model, prompt: 'think: Hm, yes.\nsay: Done.' });
  expect([finalStep.reasoningText, text]).toEqual(['Hm, yes.', 'Done.']);
});
