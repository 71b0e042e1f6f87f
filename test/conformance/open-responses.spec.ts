import { z } from 'zod';
import { ResponseSocketClient, ResponsesClient, type StreamEvent, textOf } from '../support/responses.js';
import { App, type Json } from '../support/start-app.js';

/*
 * What the compliance suite of Open Responses looks at, as docs/conformance.md says: the same behaviours, tested by tests of
 * our own, so that the project's own tests fail when the suite would.
 */
const IMAGE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const FUNCTION = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather of a place.',
  parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
};

const status = z.enum(['in_progress', 'completed', 'incomplete']);
const textPart = z.object({ type: z.literal('output_text'), text: z.string(), annotations: z.array(z.unknown()) });
const item = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    id: z.string(),
    status,
    role: z.literal('assistant'),
    content: z.array(textPart),
  }),
  z.object({
    type: z.literal('function_call'),
    id: z.string(),
    status,
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
  }),
  z.object({ type: z.literal('reasoning'), id: z.string(), summary: z.array(z.unknown()) }),
]);

/** All keys of the resource are there; which of them may be null is told by the specification. */
const resource = z.object({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.int(),
  completed_at: z.int().nullable(),
  status: z.string(),
  incomplete_details: z.object({ reason: z.string() }).nullable(),
  model: z.string(),
  previous_response_id: z.string().nullable(),
  instructions: z.string().nullable(),
  output: z.array(item),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  tools: z.array(
    z.object({
      type: z.literal('function'),
      name: z.string(),
      description: z.string().nullable(),
      parameters: z.record(z.string(), z.unknown()).nullable(),
      strict: z.boolean().nullable(),
    }),
  ),
  tool_choice: z.union([z.string(), z.record(z.string(), z.unknown())]),
  truncation: z.enum(['auto', 'disabled']),
  parallel_tool_calls: z.boolean(),
  text: z.object({ format: z.object({ type: z.string() }), verbosity: z.enum(['low', 'medium', 'high']) }),
  top_p: z.number(),
  presence_penalty: z.number(),
  frequency_penalty: z.number(),
  top_logprobs: z.int(),
  temperature: z.number(),
  reasoning: z.object({ effort: z.string().nullable(), summary: z.string().nullable() }).nullable(),
  usage: z
    .object({
      input_tokens: z.int(),
      output_tokens: z.int(),
      total_tokens: z.int(),
      input_tokens_details: z.object({ cached_tokens: z.int() }),
      output_tokens_details: z.object({ reasoning_tokens: z.int() }),
    })
    .nullable(),
  max_output_tokens: z.int().nullable(),
  max_tool_calls: z.int().nullable(),
  store: z.boolean(),
  background: z.boolean(),
  service_tier: z.string(),
  metadata: z.record(z.string(), z.string()),
  safety_identifier: z.string().nullable(),
  prompt_cache_key: z.string().nullable(),
});

const place = { item_id: z.string(), output_index: z.int() };
const partPlace = { ...place, content_index: z.int() };
const summaryPlace = { ...place, summary_index: z.int() };
const fields: Readonly<Record<string, z.ZodRawShape>> = {
  'response.created': { response: resource },
  'response.queued': { response: resource },
  'response.in_progress': { response: resource },
  'response.completed': { response: resource },
  'response.incomplete': { response: resource },
  'response.failed': { response: resource },
  'response.output_item.added': { output_index: z.int(), item: z.looseObject({ type: z.string(), id: z.string() }) },
  'response.output_item.done': { output_index: z.int(), item },
  'response.content_part.added': { ...partPlace, part: textPart },
  'response.content_part.done': { ...partPlace, part: textPart },
  'response.output_text.delta': { ...partPlace, delta: z.string(), logprobs: z.array(z.unknown()) },
  'response.output_text.done': { ...partPlace, text: z.string(), logprobs: z.array(z.unknown()) },
  'response.function_call_arguments.delta': { ...place, delta: z.string() },
  'response.function_call_arguments.done': { ...place, arguments: z.string() },
  'response.reasoning_summary_part.added': summaryPlace,
  'response.reasoning_summary_part.done': summaryPlace,
  'response.reasoning_summary_text.delta': { ...summaryPlace, delta: z.string() },
  'response.reasoning_summary_text.done': { ...summaryPlace, text: z.string() },
};

/** Every event is a standard one of its form, in order, and the last one holds the response. */
function requireStandard(events: readonly StreamEvent[]): z.infer<typeof resource> {
  for (const [number, event] of events.entries()) {
    const shape = fields[event.type];
    expect([number, event.type, shape !== undefined]).toEqual([number, event.type, true]);
    z.object({ type: z.string(), sequence_number: z.literal(number), ...shape }).parse(event);
  }
  return resource.parse(events.at(-1)?.response);
}

const user = (content: unknown): Json => ({ type: 'message', role: 'user', content });

describe('Open Responses', () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start();
    api = new ResponsesClient(app);
  });
  afterAll(() => app.stop());

  const completed = async (input: unknown, more: object = {}): Promise<z.infer<typeof resource>> => {
    const response = resource.parse(await api.create({ model: 'scripted-model', input, ...more }));
    expect([response.status, response.output.length > 0]).toEqual(['completed', true]);
    return response;
  };

  describe('over HTTP', () => {
    it('answers a message', () => completed([user('Greet me.')]));

    it('takes the phases of earlier answers', () =>
      completed([
        { type: 'message', role: 'assistant', phase: 'commentary', content: 'It was saved.' },
        { type: 'message', role: 'assistant', phase: 'final_answer', content: 'Seven.' },
        user('Only the number.'),
      ]));

    it('tells the phase of an answer where there is one', () => {
      const phased = item.parse({
        ...{ type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', phase: 'final_answer' },
        content: [{ type: 'output_text', text: 'Seven.', annotations: [] }],
      });
      expect(phased.type).toBe('message');
    });

    it('streams', async () => {
      const events = await api.stream({ model: 'scripted-model', input: [user('think: well\nsay: one two three')] });
      expect(requireStandard(events).status).toBe('completed');
    });

    it('takes a system message', () =>
      completed([{ type: 'message', role: 'system', content: 'Speak like a pirate.' }, user('Greet me.')]));

    it('calls a function', async () => {
      const { output, tools } = await completed([user('How is the weather in Rome?')], { tools: [FUNCTION] });
      expect(output.map(({ type }) => type)).toEqual(['function_call']);
      expect(tools).toEqual([{ ...FUNCTION, strict: true }]);
      const events = await api.stream({ input: [user('How is the weather?')], tools: [FUNCTION] });
      expect(requireStandard(events).output.map(({ type }) => type)).toEqual(['function_call']);
    });

    it('looks at an image', () =>
      completed([
        user([
          { type: 'input_text', text: 'What is it?' },
          { type: 'input_image', image_url: IMAGE },
        ]),
      ]));

    it('goes on with a conversation', () =>
      completed([
        user('I am Ada.'),
        { type: 'message', role: 'assistant', content: 'Hello, Ada.' },
        user('Who am I?'),
      ]));

    it('compacts', async () => {
      const input = [user('We meet on Monday.'), { type: 'message', role: 'assistant', content: 'Noted.' }];
      const body = { model: 'scripted-model', prompt_cache_key: 'key', input };
      const { body: answer } = (await app.post('/v1/responses/compact', body).expect(200)) as { body: Json };
      expect(answer).toMatchObject({ object: 'response.compaction', output: [{ type: 'compaction' }] });
    });

    it('compacts for no unnamed model', async () => {
      await app.post('/v1/responses/compact', { input: [user('Sum up.')] }).expect(400);
    });
  });

  describe('over a WebSocket', () => {
    const open = (): Promise<ResponseSocketClient> => ResponseSocketClient.open(app);
    const ask = async (socket: ResponseSocketClient, frame: Json): Promise<z.infer<typeof resource>> => {
      socket.send({ model: 'scripted-model', ...frame });
      const response = requireStandard(await socket.next());
      expect(response.status).toBe('completed');
      return response;
    };

    it('answers, several times on one connection', async () => {
      const socket = await open();
      await ask(socket, { input: [user('say: one')] });
      await ask(socket, { store: false, input: 'say: two' });
      await ask(socket, { store: false, input: 'say: three' });
      await socket.close();
    });

    it('continues what is not stored, on its own connection only', async () => {
      const socket = await open();
      const first = await ask(socket, { store: false, input: 'say: OK' });
      await ask(socket, { store: false, input: 'say: cobalt', previous_response_id: first.id });
      await socket.close();
      const other = await open();
      const missed = await other.fail({ store: false, input: 'x', previous_response_id: first.id });
      expect(missed.code).toBe('previous_response_not_found');
      await ask(other, { store: false, input: [user('say: recovered')] });
      await other.close();
    });

    it('knows no response that there is not', async () => {
      const socket = await open();
      const missed = await socket.fail({ store: false, input: 'x', previous_response_id: 'resp_missing' });
      expect(missed.code).toBe('previous_response_not_found');
      await socket.close();
    });

    it('forgets a chain of which a continuation failed', async () => {
      const socket = await open();
      const { id } = await ask(socket, { store: false, input: 'say: ember' });
      const input = [{ type: 'function_call_output', call_id: 'call_missing', output: 'x' }];
      await socket.fail({ store: false, previous_response_id: id, input });
      const missed = await socket.fail({ store: false, previous_response_id: id, input: 'say: stale' });
      expect(missed.code).toBe('previous_response_not_found');
      await socket.close();
    });

    it('begins anew with a compacted conversation', async () => {
      const body = { model: 'scripted-model', input: [user('The word is slate.')] };
      const { output } = (await app.post('/v1/responses/compact', body).expect(200)).body as { output: Json[] };
      const socket = await open();
      const response = await ask(socket, { store: false, input: [...output, user('say: compacted')], tools: [] });
      expect(textOf(response as never)).toBe('compacted');
      await socket.close();
    });
  });
});
