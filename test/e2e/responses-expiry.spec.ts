import { App } from '../support/start-app.js';
import { functionTool, outputsOf, ResponsesClient, textOf } from '../support/responses.js';

const TOOLS = [functionTool('get_weather')];

describe('a function that nobody answers', () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start({ args: ['--approval-timeout', '1'] });
    api = new ResponsesClient(app);
  });
  afterAll(() => app.stop());

  it('is declined in time, and can be answered all the same: in another thread', async () => {
    const { response, threadId } = await api.place({ input: 'weather please', tools: TOOLS });
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('approval/expired');
    await stream.until('turn/completed');
    stream.close();
    const late = await api.place({ input: outputsOf(response), previous_response_id: response.id, tools: TOOLS });
    expect(late.threadId).not.toBe(threadId);
    expect(textOf(late.response)).toBe('The tool answered: get_weather says so');
  });

  it('leaves nothing behind where nothing is to be stored', async () => {
    const { threadId } = await api.place({ input: 'weather please', tools: TOOLS, store: false });
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('thread/deleted');
    await app.get(`/api/v2/threads/${threadId}`).expect(404);
  });

  it('is told again item by item when its thread was deleted', async () => {
    const { response, threadId } = await api.place({ input: 'say: kept' });
    await app.delete(`/api/v2/threads/${threadId}`).expect(204);
    const events = await api.replay(response.id);
    expect(events.map(({ type }) => type).slice(2)).toEqual([
      'response.output_item.added',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(events.at(-1)?.response).toEqual(response);
    const next = await api.create({ input: 'say: on', previous_response_id: response.id });
    expect(textOf(next)).toBe('on');
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain('kept');
  });
});
