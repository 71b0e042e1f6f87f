import { App, type Json } from '../support/start-app.js';
import { functionTool, outputsOf, type ResponseBody, ResponsesClient, textOf } from '../support/responses.js';

const TOOLS = [functionTool('get_weather'), functionTool('get_time')];

describe("the caller's own functions", () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start();
    api = new ResponsesClient(app);
  });
  afterAll(() => app.stop());

  const namesOf = ({ output }: ResponseBody): string[] => output.map(({ name }) => name);
  const ask = (input: unknown, more: object = {}): Promise<ResponseBody> =>
    api.create({ input, tools: TOOLS, ...more });

  it('end the response together, and go on in the same turn with their outputs', async () => {
    const first = await api.place({ input: 'weather and time', tools: TOOLS });
    expect(namesOf(first.response)).toEqual(['get_weather', 'get_time']);
    expect(first.response).toMatchObject({ status: 'completed', tools: TOOLS });
    const approvals = (await app.get(`/api/v2/threads/${first.threadId}/approvals`).expect(200)).body as {
      data: Json[];
    };
    expect(approvals.data.map(({ kind, status }) => [kind, status])).toEqual([
      ['tool_call', 'pending'],
      ['tool_call', 'pending'],
    ]);
    const previous = { previous_response_id: first.response.id, tools: TOOLS };
    const second = await api.place({ ...previous, input: outputsOf(first.response) });
    expect([second.threadId, second.turnId]).toEqual([first.threadId, first.turnId]);
    expect(textOf(second.response)).toBe('The tool answered: get_weather says so and get_time says so');
  });

  it('are streamed as calls', async () => {
    const events = await api.stream({ input: 'call: get_time {"city":"Rome"}', tools: TOOLS });
    expect(events.slice(2).map(({ type }) => type)).toEqual([
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events[4]).toMatchObject({ name: 'get_time', arguments: '{"city":"Rome"}' });
    const { id } = events[0]?.response as { id: string };
    expect(await api.replay(id)).toEqual(events);
  });

  it('come one a response where the caller wants that', async () => {
    const serial = { parallel_tool_calls: false };
    const first = await ask('weather and time', serial);
    expect(namesOf(first)).toEqual(['get_weather']);
    const second = await ask(outputsOf(first), { ...serial, previous_response_id: first.id });
    expect(namesOf(second)).toEqual(['get_time']);
    const third = await ask(outputsOf(second), { ...serial, previous_response_id: second.id });
    expect(textOf(third)).toBe('The tool answered: get_weather says so and get_time says so');
  });

  it('may have the name of one of Codex’s own', async () => {
    const tools = [functionTool('exec_command')];
    const first = await api.create({ input: 'call: caller__exec_command {"city":"x"}', tools });
    expect(namesOf(first)).toEqual(['exec_command']);
  });

  it('go on for a caller who sends the whole conversation back, in the thread that waits', async () => {
    const input: unknown[] = [{ role: 'user', content: 'weather please' }];
    const first = await api.place({ input, tools: TOOLS });
    const whole = [...input, ...first.response.output, ...outputsOf(first.response)];
    const second = await api.place({ input: whole, tools: TOOLS });
    expect(second.turnId).toBe(first.turnId);
    expect(textOf(second.response)).toBe('The tool answered: get_weather says so');
    const third = await api.place({
      input: [...whole, ...second.response.output, { role: 'user', content: 'say: ok' }],
      tools: TOOLS,
    });
    expect(third.threadId).toBe(first.threadId);
  });

  it('go on in a new thread when the conversation was changed', async () => {
    const first = await api.place({ input: 'weather please', tools: TOOLS });
    const whole = [
      { role: 'user', content: 'the weather, please' },
      ...first.response.output,
      ...outputsOf(first.response),
    ];
    const second = await api.place({ input: whole, tools: TOOLS });
    expect(second.threadId).not.toBe(first.threadId);
    expect(textOf(second.response)).toBe('The tool answered: get_weather says so');
  });

  it('may be answered again: that is another branch', async () => {
    const first = await ask('weather please');
    const answer = (text: string): Promise<ResponseBody> =>
      ask(
        outputsOf(first, () => text),
        { previous_response_id: first.id },
      );
    expect(textOf(await answer('sun'))).toBe('The tool answered: sun');
    expect(textOf(await answer('rain'))).toBe('The tool answered: rain');
  });

  it('can be answered through the native API, whose answer the next response does not repeat', async () => {
    const first = await api.place({ input: 'weather please', tools: TOOLS });
    const { data } = (await app.get(`/api/v2/threads/${first.threadId}/approvals`)).body as { data: Json[] };
    const result = { content: [{ type: 'text', text: 'from elsewhere' }] };
    const path = `/api/v2/threads/${first.threadId}/approvals/${String(data[0]?.approval_id)}`;
    await app.post(path, { decision: 'approve', result }).expect(200);
    const second = await ask(outputsOf(first.response), { previous_response_id: first.response.id });
    expect(textOf(second)).toBe('The tool answered: get_weather says so');
  });

  it('take what a user says beside the outputs', async () => {
    const first = await ask('weather please');
    const input = [...outputsOf(first), { role: 'user', content: 'say: never mind' }];
    expect(textOf(await ask(input, { previous_response_id: first.id }))).toBe('never mind');
  });

  it.each([
    ['a missing output', [{ role: 'user', content: 'x' }], /No tool output found for function call call_/],
    ['an output twice', 'twice', /No tool call found for function call output with call_id call_/],
    ['an unknown call', [{ type: 'function_call_output', call_id: 'call_none', output: '' }], /call_id call_none/],
  ])('refuse %s', async (_what, input, message) => {
    const first = await ask('weather please');
    const twice = [...outputsOf(first), ...outputsOf(first)];
    const body = { input: input === 'twice' ? twice : input, previous_response_id: first.id, tools: TOOLS };
    const { error } = (await api.request(body).expect(400)).body as { error: Json };
    expect(error).toMatchObject({ type: 'invalid_request_error', param: 'input' });
    expect(error.message).toMatch(message);
  });
});
