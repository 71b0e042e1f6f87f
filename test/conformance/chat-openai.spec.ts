import OpenAI, { APIError, AuthenticationError, RateLimitError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

type Message = OpenAI.ChatCompletionMessageParam;

const MODEL = 'scripted-model';
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const TOOLS: OpenAI.ChatCompletionFunctionTool[] = ['weather', 'clock_time'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
}));

const TWO_CALLS =
  'call: weather {"city":"Oslo"}\nalso call: clock_time {"city":"Rome"}\nsay: Sunny in Oslo, noon in Rome.';

describe("OpenAI's own SDK for chat completions", () => {
  let app: App;
  let client: OpenAI;

  beforeAll(async () => {
    app = await App.start();
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: TOKEN, maxRetries: 0 });
  });

  afterAll(async () => {
    await app.stop();
  });

  it('gets an answer', async () => {
    const completion = await client.chat.completions.create({
      model: MODEL,
      messages: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'say: Hello.' },
      ],
    });
    expect(completion.choices[0]?.message.content).toBe('Hello.');
    expect(completion.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('streams, and puts the same answer together', async () => {
    const stream = client.chat.completions.stream({
      model: MODEL,
      messages: [{ role: 'user', content: 'say: One two three.' }],
      stream_options: { include_usage: true },
    });
    const deltas: string[] = [];
    stream.on('content', (delta) => deltas.push(delta));
    const completion = await stream.finalChatCompletion();
    expect(deltas).toEqual(['One', ' two', ' three.']);
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'One two three.' } });
    expect(completion.usage?.completion_tokens).toBeGreaterThan(0);
  });

  it('runs its tools until the answer is there, in one thread', async () => {
    const asked: string[] = [];
    const run = (name: string) => (input: { city: string }) => {
      asked.push(`${name} ${input.city}`);
      return `fine in ${input.city}`;
    };
    const runner = client.chat.completions.runTools({
      model: MODEL,
      messages: [{ role: 'user', content: TWO_CALLS }],
      tools: TOOLS.map((tool) => ({
        type: 'function' as const,
        function: {
          name: tool.function.name,
          description: 'A tool.',
          parameters: tool.function.parameters ?? {},
          parse: (text: string) => JSON.parse(text) as { city: string },
          function: run(tool.function.name),
        },
      })),
    });
    expect(await runner.finalContent()).toBe('Sunny in Oslo, noon in Rome.');
    expect(asked).toEqual(['weather Oslo', 'clock_time Rome']);
    const threads = new Set(app.model.requests.slice(-2).map(({ threadId }) => threadId));
    expect(threads.size).toBe(1);
  });

  it('streams the calls of tools', async () => {
    const messages: Message[] = [{ role: 'user', content: TWO_CALLS }];
    const first = await client.chat.completions.stream({ model: MODEL, messages, tools: TOOLS }).finalMessage();
    expect(first.tool_calls?.map((call) => call.type === 'function' && call.function.name)).toEqual([
      'weather',
      'clock_time',
    ]);
    const outputs = (first.tool_calls ?? []).map(({ id }): Message => ({
      role: 'tool',
      tool_call_id: id,
      content: 'fine',
    }));
    const second = client.chat.completions.stream({
      model: MODEL,
      messages: [...messages, first, ...outputs],
      tools: TOOLS,
    });
    expect(await second.finalContent()).toBe('Sunny in Oslo, noon in Rome.');
  });

  it('parses structured output', async () => {
    const City = z.object({ city: z.string(), degrees: z.number() });
    const completion = await client.chat.completions.parse({
      model: MODEL,
      messages: [{ role: 'user', content: 'say: {"city":"Oslo","degrees":7}' }],
      response_format: zodResponseFormat(City, 'city'),
    });
    expect(completion.choices[0]?.message.parsed).toEqual({ city: 'Oslo', degrees: 7 });
    expect(app.model.requests.at(-1)?.outputSchema).toMatchObject({ type: 'object', required: ['city', 'degrees'] });
  });

  it('sends images', async () => {
    const image = { type: 'image_url', image_url: { url: PIXEL } } as const;
    const completion = await client.chat.completions.create({
      model: MODEL,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'say: A dot.' }, image] }],
    });
    expect(completion.choices[0]?.message.content).toBe('A dot.');
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain(PIXEL);
  });

  it('goes on with a conversation', async () => {
    const messages: Message[] = [{ role: 'user', content: 'say: One.' }];
    const answers: (string | null | undefined)[] = [];
    for (const next of ['say: Two.', 'say: Three.', 'say: Four.']) {
      const completion = await client.chat.completions.create({ model: MODEL, messages });
      const message = completion.choices[0]?.message;
      answers.push(message?.content);
      messages.push(message ?? { role: 'assistant', content: '' }, { role: 'user', content: next });
    }
    expect(answers).toEqual(['One.', 'Two.', 'Three.']);
    expect(new Set(app.model.requests.slice(-3).map(({ threadId }) => threadId)).size).toBe(1);
  });

  it('lists and retrieves models', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) {
      ids.push(model.id);
    }
    expect(ids[0]).toBe(MODEL);
    expect((await client.models.retrieve(MODEL)).id).toBe(MODEL);
  });

  it('makes its own errors of ours', async () => {
    const ask = (content: string, with_: OpenAI = client): Promise<unknown> =>
      with_.chat.completions
        .create({ model: MODEL, messages: [{ role: 'user', content }] })
        .catch((error: unknown) => error);
    const stranger = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
    expect(await ask('say: Hi', stranger)).toBeInstanceOf(AuthenticationError);
    expect(await ask('fail: 429 Slow down.')).toBeInstanceOf(RateLimitError);
    const broken = client.chat.completions.stream({
      model: MODEL,
      messages: [{ role: 'user', content: 'say: Well.\nfail: response server_is_overloaded Busy.' }],
    });
    const error: unknown = await broken.finalContent().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(APIError);
    expect((error as APIError).code).toBe('server_overloaded');
  });
});
