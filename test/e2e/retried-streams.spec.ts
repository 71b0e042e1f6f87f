import { ChatClient, user } from '../support/chat.js';
import { ResponsesClient, textOf } from '../support/responses.js';
import { type SseFrame } from '../support/sse-reader.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

/** The stream of the model breaks in the middle of its second sentence, and the engine asks again. */
const BROKEN = 'think: First thought.\npart: {"city":"Pa\ncut';
const WHOLE = 'think: Second thought.\nsay: {"city":"Paris"}';
const OTHER = 'say: {"city":"Rome"}';

const SCHEMA = {
  ...{ type: 'object', properties: { city: { type: 'string' } } },
  ...{ required: ['city'], additionalProperties: false },
};

describe('a stream of the model that breaks and is asked for again', () => {
  let app: App;
  let chat: ChatClient;
  let responses: ResponsesClient;

  beforeAll(async () => {
    app = await App.start({ streamRetries: 2 });
    chat = new ChatClient(app);
    responses = new ResponsesClient(app);
  });

  afterAll(async () => {
    await app.stop();
  });

  const itemsOf = async (threadId: string): Promise<Json[]> =>
    (
      (await app.get(`/api/v2/threads/${threadId}/items?sort_direction=asc`).expect(200)).body as {
        data: { item: Json }[];
      }
    ).data.map(({ item }) => item);

  const words = ({ type, text, summary }: Json): unknown => [type, text ?? summary];

  it('leaves nothing of the broken answer in the thread, and its stream says what is void', async () => {
    const threadId = await app.createThread();
    app.model.enqueue(BROKEN, WHOLE);
    const turn = await app.runTurn(threadId, 'Where?');
    expect(turn.items.slice(1).map(words)).toEqual([
      ['reasoning', ['First thought.']],
      ['reasoning', ['Second thought.']],
      ['agent_message', '{"city":"Paris"}'],
    ]);
    expect((await itemsOf(threadId)).map(({ id }) => id)).toEqual(turn.items.map(({ id }) => id));
    const stream = await app.stream(threadId, '?after=0');
    await stream.turnEnd(turn.turn_id);
    stream.close();
    const told = stream.events.filter(({ event }) => /^(item\/(started|abandoned)|error)$/.test(event ?? ''));
    const idsOf = ({ data }: SseFrame): unknown => (data.item as Json | undefined)?.id ?? data.item_id;
    const [, , draft, error, abandoned, , message] = told;
    expect(told.map(({ event }) => event)).toEqual([
      ...['item/started', 'item/started', 'item/started', 'error', 'item/abandoned', 'item/started', 'item/started'],
    ]);
    expect(error?.data.will_retry).toBe(true);
    expect(abandoned?.data).toMatchObject({ item_type: 'agent_message', turn_id: turn.turn_id });
    expect(draft && abandoned && idsOf(draft) === idsOf(abandoned)).toBe(true);
    expect(message && idsOf(message)).toBe(turn.items.at(-1)?.id);
  });

  it('tells a thought that was broken off apart from the one that counts', async () => {
    const threadId = await app.createThread();
    app.model.enqueue(
      'ids: numbered\nsay: One.\npart: Tw\ncut',
      'ids: numbered\npart: Tw\ncut',
      'ids: numbered\nsay: Two.',
    );
    const turn = await app.runTurn(threadId, 'Count.');
    expect(turn.items.slice(1).map(({ text }) => text)).toEqual(['One.', 'Two.']);
  });

  it('keeps what an attempt had finished: the model has it before it when it is asked again', async () => {
    const threadId = await app.createThread();
    app.model.enqueue('say: Looking.\nrun: echo once >> log\npart: Half\ncut', 'run: cat log', 'say: Fin.');
    const turn = await app.runTurn(threadId, 'Look.');
    expect(turn.items.slice(1).map(({ type, text, aggregated_output: output }) => [type, text ?? output])).toEqual([
      ['agent_message', 'Looking.'],
      ['command_execution', null],
      ['command_execution', 'once\n'],
      ['agent_message', 'Fin.'],
    ]);
  });

  it('is one answer in chat, held to its schema', async () => {
    app.model.enqueue(BROKEN, WHOLE);
    const format = { type: 'json_schema', json_schema: { name: 'place', strict: true, schema: SCHEMA } };
    const reply = await chat.say('Where?', { response_format: format });
    expect([reply.message.content, reply.finishReason]).toEqual(['{"city":"Paris"}', 'stop']);
    expect(reply.message.reasoning_content).toBe('First thought.\n\nSecond thought.');
    const messages = [user('Where?'), { role: 'assistant', content: '{"city":"Paris"}' }, user('say: On.')];
    const next = await chat.send({ messages, response_format: format });
    expect([next.threadId, next.message.content]).toEqual([reply.threadId, 'On.']);
  });

  it('goes on in a stream of chat where the new words begin like those that were sent', async () => {
    app.model.enqueue(BROKEN, 'part: {"ci\ncut', WHOLE);
    const { data } = await chat.stream({ messages: [user('Where?')] });
    const deltas = (data.slice(0, -1) as { choices: { delta: { content?: string } }[] }[]).map(
      ({ choices }) => choices[0]?.delta.content ?? '',
    );
    expect(deltas.join('')).toBe('{"city":"Paris"}');
    expect(data.at(-1)).toBe('[DONE]');
  });

  it.each([
    ['other words', OTHER],
    ['fewer words', 'say: {"ci'],
    ['a call', 'call: weather {"city":"Paris"}'],
  ])(
    'ends a stream of chat with an error where there are %s: what was sent can not be taken back',
    async (_, retried) => {
      app.model.enqueue(BROKEN, retried);
      const tools = [{ type: 'function', function: { name: 'weather', parameters: SCHEMA } }];
      const { data } = await chat.stream({ messages: [user('Where?')], tools });
      expect(data.at(-1)).toMatchObject({ error: { code: 'answer_restarted', type: 'server_error' } });
      expect(JSON.stringify(data)).not.toContain('Rome');
    },
  );

  it('counts only what stands against a limit and a text to stop at', async () => {
    app.model.enqueue('part: 12345678STO\ncut', 'say: 1234567890STOP never');
    const reply = await chat.say('Count.', { max_tokens: 3, stop: ['STOP'] });
    expect([reply.message.content, reply.finishReason]).toEqual(['1234567890', 'stop']);
    app.model.enqueue('part: 123456789\ncut', 'say: 1234567890');
    const response = await responses.create({ input: 'Count.', max_output_tokens: 16 });
    expect([textOf(response), response.status]).toEqual(['1234567890', 'completed']);
  });

  it('is one answer of the Responses API; its stream closes the broken item as incomplete', async () => {
    app.model.enqueue(BROKEN, WHOLE);
    const plain = await responses.create({ input: 'Where?' });
    expect([textOf(plain), plain.output.map(({ type }) => type)]).toEqual([
      '{"city":"Paris"}',
      ['reasoning', 'reasoning', 'message'],
    ]);
    app.model.enqueue(BROKEN, WHOLE);
    const events = await responses.stream({ input: 'Where?' });
    const done = events.filter(({ type }) => type === 'response.output_item.done');
    expect(done.map(({ output_index: index, item }) => [index, (item as Json).type, (item as Json).status])).toEqual([
      [0, 'reasoning', 'completed'],
      [1, 'message', 'incomplete'],
      [2, 'reasoning', 'completed'],
      [3, 'message', 'completed'],
    ]);
    const response = events.at(-1)?.response as typeof plain;
    expect([response.status, textOf(response), response.output.length]).toEqual(['completed', '{"city":"Paris"}', 3]);
    expect(await responses.replay(response.id)).toEqual(events);
    expect(textOf(await responses.retrieve(response.id))).toBe('{"city":"Paris"}');
  });

  it('is one message in the answers of the bridge', async () => {
    const started = await app.post('/api/thread/start').expect(200);
    const threadId = (started.body as { thread: { id: string } }).thread.id;
    app.model.enqueue(BROKEN, WHOLE);
    const input = [{ type: 'text', text: 'Where?' }];
    const answer = await app.post('/api/turn/start', { threadId, input }).expect(200);
    const { items } = (answer.body as { turn: { items: Json[] } }).turn;
    expect(items.slice(1).map(words)).toEqual([
      ['reasoning', ['First thought.']],
      ['reasoning', ['Second thought.']],
      ['agentMessage', '{"city":"Paris"}'],
    ]);
  });

  it('is told of in /messages by a stream_error, after which the message comes whole', async () => {
    app.model.enqueue(BROKEN, WHOLE);
    const answer = await fetch(`${app.url}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ type: 'user_message', id: 'retried', message: 'Where?' }),
    });
    const events = (await answer.text())
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice('data: '.length)) as Json);
    const told = events.filter(({ type }) => /agent_message|stream_error|complete/.test(String(type)));
    expect(told.map(({ type, delta, message, last_agent_message: last }) => [type, delta ?? last ?? message])).toEqual([
      ['agent_message_delta', '{"city":"Pa'],
      ['stream_error', 'Reconnecting... 1/2'],
      ['agent_message_delta', '{"city":"Paris"}'],
      ['agent_message', '{"city":"Paris"}'],
      ['task_complete', '{"city":"Paris"}'],
    ]);
  });
});
