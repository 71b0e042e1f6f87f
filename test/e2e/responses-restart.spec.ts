import { App } from '../support/start-app.js';
import { functionTool, outputsOf, ResponsesClient, textOf } from '../support/responses.js';

const TOOLS = [functionTool('get_weather'), functionTool('get_time')];

describe('responses after a restart of the server', () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start({ args: ['--approval-timeout', '600'] });
    api = new ResponsesClient(app);
  });
  afterAll(() => app.stop());

  it('are as they were, and are gone on from', async () => {
    const events = await api.stream({ input: 'think: first\nsay: as it was' });
    const kept = events.at(-1)?.response as { id: string };
    const called = await api.create({ input: 'weather and time', tools: TOOLS });
    const input: unknown[] = [{ role: 'user', content: 'time now' }];
    const stateless = await api.create({ input, tools: TOOLS });
    const { response: running, threadId } = await api.place({ input: 'say: half\nstall', background: true });
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('item/agentMessage/delta');
    stream.close();
    await app.server.signal('SIGKILL');
    await app.restart();

    expect(await api.retrieve(kept.id)).toEqual(kept);
    expect(await api.replay(kept.id)).toEqual(events);
    const next = await api.create({ input: 'say: next', previous_response_id: kept.id });
    expect(textOf(next)).toBe('next');
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain('as it was');

    const answered = await api.create({ input: outputsOf(called), previous_response_id: called.id, tools: TOOLS });
    expect(textOf(answered)).toBe('The tool answered: get_weather says so and get_time says so');

    const whole = [...input, ...stateless.output, ...outputsOf(stateless)];
    expect(textOf(await api.create({ input: whole, tools: TOOLS }))).toBe('The tool answered: get_time says so');

    const lost = await api.until(running.id, 'failed');
    expect(lost.error).toMatchObject({ code: 'server_error' });
    expect(textOf(lost)).toBe('half');
  });

  it('call functions together in a thread that the engine had to load again', async () => {
    const first = await api.create({ input: 'say: root', tools: TOOLS });
    await app.terminate();
    await app.restart();
    const second = await api.create({ input: 'weather and time', tools: TOOLS, previous_response_id: first.id });
    // Such a thread's engine does not tell which the model made first.
    expect(second.output.map(({ name }) => name).sort()).toEqual(['get_time', 'get_weather']);
    const third = await api.create({ input: outputsOf(second), tools: TOOLS, previous_response_id: second.id });
    expect(textOf(third)).toBe('The tool answered: get_weather says so and get_time says so');
  });
});
