import { App } from '../support/start-app.js';
import { functionTool, outputsOf, type ResponseBody, ResponsesClient, textOf } from '../support/responses.js';

const TOOLS = [functionTool('get_weather'), functionTool('get_time')];
const CALL = 'call: get_time {"city":"Rome"}\nsay: Noon.';
const DIRECTION = 'Answer with a call of a function and nothing else. You can call:';

describe('the choice of functions', () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start();
    api = new ResponsesClient(app);
  });
  afterAll(() => app.stop());

  const namesOf = ({ output }: ResponseBody): string[] => output.map(({ name }) => name);
  const offered = (): string[] =>
    (app.model.requests.at(-1)?.tools ?? [])
      .map(({ name }) => name)
      .filter((name) => TOOLS.some((tool) => tool.name === name));
  const directions = (): string[] =>
    JSON.stringify(app.model.requests.at(-1)?.body.input).match(new RegExp(`${DIRECTION} [a-z_, ]+`, 'g')) ?? [];

  it.each([
    ['required', ['get_weather', 'get_time']],
    [{ type: 'function', name: 'get_time' }, ['get_time']],
    [{ type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_time' }] }, ['get_time']],
  ])('%j: only those are offered, the model is told, and its next answer is free', async (choice, names) => {
    const first = await api.place({ input: CALL, tools: TOOLS, tool_choice: choice });
    expect([namesOf(first.response), first.response.status]).toEqual([['get_time'], 'completed']);
    expect(first.response).toMatchObject({ tool_choice: choice, tools: TOOLS });
    expect([offered(), directions()]).toEqual([names, [`${DIRECTION} ${names.join(', ')}`]]);
    const previous = { previous_response_id: first.response.id, tools: TOOLS };
    const second = await api.place({ ...previous, input: outputsOf(first.response) });
    expect(textOf(second.response)).toBe('Noon.');
    expect([offered(), directions()]).toEqual([['get_weather', 'get_time'], []]);
  });

  it('none, and allowed_tools of the mode auto, narrow and demand nothing', async () => {
    await api.create({ input: 'say: Hi.', tools: TOOLS, tool_choice: 'none' });
    expect([offered(), directions()]).toEqual([[], []]);
    const tools = [{ type: 'function', name: 'get_time' }];
    const free = await api.create({
      input: 'say: Hi.',
      tools: TOOLS,
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools },
    });
    expect([textOf(free), offered(), directions()]).toEqual(['Hi.', ['get_time'], []]);
  });

  it('fails a response without the call that it demands, and the conversation goes on from there', async () => {
    const body = { input: 'say: I would rather not.', tools: TOOLS, tool_choice: 'required' };
    const events = await api.stream(body);
    const last = events.at(-1);
    const response = last?.response as ResponseBody;
    expect([last?.type, response.status, textOf(response)]).toEqual([
      'response.failed',
      'failed',
      'I would rather not.',
    ]);
    expect(response).toMatchObject({
      error: {
        code: 'tool_choice_not_followed',
        message: 'The model answered without the call that tool_choice demands.',
      },
    });
    expect(await api.replay(response.id)).toEqual(events);
    const next = await api.create({ input: 'say: Fine.', tools: TOOLS, previous_response_id: response.id });
    expect([textOf(next), directions()]).toEqual(['Fine.', []]);
  });

  it('demands the call again with each response that says so', async () => {
    const choice = { tools: TOOLS, tool_choice: 'required' };
    const first = await api.place({ ...choice, input: CALL });
    const second = await api.place({
      ...choice,
      input: outputsOf(first.response),
      previous_response_id: first.response.id,
    });
    expect(second.threadId).toBe(first.threadId);
    expect(second.response).toMatchObject({ status: 'failed', error: { code: 'tool_choice_not_followed' } });
  });
});
