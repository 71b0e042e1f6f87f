import { ChatClient, functionTool, system, toStory, user } from '../support/chat.js';
import { App, type Json } from '../support/start-app.js';

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const CITY = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

describe('chat completions', () => {
  let app: App;
  let chat: ChatClient;

  beforeAll(async () => {
    app = await App.start();
    chat = new ChatClient(app);
  });

  afterAll(async () => {
    await app.stop();
  });

  const lastRequest = (): Json => app.model.requests.at(-1)?.body ?? {};
  const lastStory = (): string[] => app.model.requests.slice(-1).flatMap(toStory);

  it('answer with one message, what was thought, and what it cost', async () => {
    const script = 'think: Hm, yes.\nsay: Hello you there.\nusage: 70/20/9/3';
    const { body } = await chat.send({ messages: [system('Be brief.'), user(script)] });
    expect(body).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/) as string,
      object: 'chat.completion',
      created: expect.any(Number) as number,
      model: 'scripted-model',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Hello you there.',
            refusal: null,
            reasoning_content: 'Hm, yes.',
          },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      system_fingerprint: null,
      usage: {
        prompt_tokens: 70,
        completion_tokens: 9,
        total_tokens: 79,
        prompt_tokens_details: { cached_tokens: 20 },
        completion_tokens_details: { reasoning_tokens: 3 },
      },
    });
    expect(Math.abs(Date.now() / 1000 - body.created)).toBeLessThan(60);
    expect(lastStory()).toEqual(['developer: Be brief.', `user: ${script}`]);
  });

  it('stream in chunks, each delta as the model says it, the usage last', async () => {
    const { response, data } = await chat.stream({
      messages: [user('think: Hm.\nsay: Hello there.\nusage: 7/0/4/1')],
      stream_options: { include_usage: true },
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const [first] = data as Json[];
    const head = { id: first?.id, object: 'chat.completion.chunk', created: first?.created, model: 'scripted-model' };
    const chunk = (delta: Json, finishReason: string | null = null): Json => ({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
      system_fingerprint: null,
      usage: null,
    });
    expect(data).toEqual([
      chunk({ role: 'assistant', reasoning_content: 'Hm.' }),
      chunk({ content: 'Hello' }),
      chunk({ content: ' there.' }),
      chunk({}, 'stop'),
      {
        ...head,
        choices: [],
        system_fingerprint: null,
        usage: {
          prompt_tokens: 7,
          completion_tokens: 4,
          total_tokens: 11,
          prompt_tokens_details: { cached_tokens: 0 },
          completion_tokens_details: { reasoning_tokens: 1 },
        },
      },
      '[DONE]',
    ]);
  });

  it('have no usage in a stream that did not ask for it', async () => {
    const { data } = await chat.stream({ messages: [user('say: Hi')] });
    expect((data as Json[]).filter((chunk) => typeof chunk === 'object' && 'usage' in chunk)).toEqual([]);
    expect(data.at(-1)).toBe('[DONE]');
  });

  it('are made by a bare model: nothing of the agent is sent, and none of its tools that act', async () => {
    await chat.send({ messages: [user('say: Hi')], tools: [functionTool('weather')] });
    expect(lastStory()).toEqual(['user: say: Hi']);
    expect(app.model.requests.at(-1)?.tools.map(({ name }) => name)).toEqual(['request_user_input', 'weather']);
  });

  it('take messages of every role, in their order', async () => {
    await chat.send({
      messages: [
        system('One.'),
        { role: 'developer', content: [{ type: 'text', text: 'Two.' }] },
        { role: 'user', content: 'Hello', name: 'Ann' },
        { role: 'assistant', content: null, refusal: 'No.', tool_calls: null },
        { role: 'developer', content: 'Three.' },
        user([
          { type: 'text', text: 'say: Fine.' },
          { type: 'image_url', image_url: { url: PIXEL, detail: 'low' } },
        ]),
      ],
    });
    expect(lastStory()).toEqual([
      'developer: One.\n\nTwo.',
      'user: Ann: Hello',
      'assistant: No.',
      'developer: Three.',
      `user: say: Fine.|${PIXEL}`,
    ]);
  });

  it('go on where the last message is not of a user', async () => {
    const { message } = await chat.send({ messages: [user('say: So it goes on.'), system('Go on.')] });
    expect(message.content).toBe('So it goes on.');
    expect(lastStory()).toEqual(['user: say: So it goes on.', 'developer: Go on.']);
  });

  it('follow a strict JSON schema, which the model is held to', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'city', strict: true, schema: CITY } };
    const { message } = await chat.say('say: {"city":"Oslo"}', { response_format: format });
    expect(JSON.parse(message.content ?? '')).toEqual({ city: 'Oslo' });
    expect((lastRequest().text as Json).format).toMatchObject({ type: 'json_schema', strict: true, schema: CITY });
  });

  it('are asked in words for what no strict schema can say', async () => {
    await chat.say('say: {}', { response_format: { type: 'json_object' } });
    expect(lastStory()[0]).toMatch(/^developer: Answer with one JSON object/);
    const loose = { type: 'object', properties: { city: { type: 'string' } } };
    await chat.say('say: {}', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: loose } } });
    expect(lastStory()[0]).toContain(JSON.stringify(loose));
    expect(lastRequest().text).toBeUndefined();
  });

  it('think with the effort that is asked for', async () => {
    await chat.say('say: Hi', { reasoning_effort: 'high' });
    expect(lastRequest().reasoning).toMatchObject({ effort: 'high' });
  });

  it('end before a text to stop at, and with the turn', async () => {
    const { message, finishReason, threadId } = await chat.say('say: one two END three\nstall', { stop: ['END', 'x'] });
    expect([message.content, finishReason]).toEqual(['one two ', 'stop']);
    await settled(threadId, 'interrupted');
  });

  it('end when they are long enough, and with the turn', async () => {
    const limited = { max_completion_tokens: 2 };
    const { message, finishReason, threadId } = await chat.say('say: one two three four\nstall', limited);
    expect([message.content, finishReason]).toEqual(['one two ', 'length']);
    await settled(threadId, 'interrupted');
  });

  it('keep what the caller says of itself with the thread, where the native API finds it', async () => {
    const about = { metadata: { team: 'blue' }, user: 'ann', safety_identifier: 'a1' };
    const { threadId } = await chat.say('say: Hi', about);
    const body: unknown = (await app.get(`/api/v2/threads/${threadId}`).expect(200)).body;
    expect((body as Json).metadata).toEqual({
      team: 'blue',
      user: 'ann',
      safety_identifier: 'a1',
      dialect: 'chat',
    });
    const found = await app.get('/api/v2/threads?metadata[team]=blue').expect(200);
    expect((found.body as { data: Json[] }).data.map((thread) => thread.thread_id)).toEqual([threadId]);
  });

  it('run the agent with its own tools where that is asked for', async () => {
    const agent = new ChatClient(app, { 'X-Codex-Mode': 'agent' });
    const { message, threadId } = await agent.say('say: I look.\nrun: echo from-the-shell\nsay: It is done.');
    expect(message.content).toBe('I look.\n\nIt is done.');
    const body: unknown = (await app.get(`/api/v2/threads/${threadId}/items`).expect(200)).body;
    const items = (body as { data: { item: Json }[] }).data.map(({ item }) => item.type);
    expect(items).toContain('command_execution');
    expect(lastStory().at(-1)).toContain('from-the-shell');
  });

  async function settled(threadId: string, status: string): Promise<void> {
    const stream = await app.stream(threadId, '?after=0');
    const end = await stream.until('turn/completed');
    stream.close();
    expect((end.data.turn as Json).status).toBe(status);
  }
});
