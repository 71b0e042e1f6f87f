import { App } from '../support/start-app.js';
import { functionTool, outputsOf, ResponsesClient, ResponseSocketClient, textOf } from '../support/responses.js';
import { TOKEN } from '../support/server-process.js';

describe('responses over a WebSocket', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });
  afterAll(() => app.stop());

  it('come as raw events, one request after the other', async () => {
    const socket = await ResponseSocketClient.open(app);
    socket.send({ input: 'say: one' });
    socket.send({ input: 'say: two' });
    const [first, second] = [await socket.next(), await socket.next()];
    expect(first.map(({ sequence_number }) => sequence_number)).toEqual(first.map((_event, index) => index));
    expect(first.map(({ type }) => type)).toContain('response.output_text.delta');
    expect([first, second].map((events) => textOf(events.at(-1)?.response as never))).toEqual(['one', 'two']);
    await socket.close();
  });

  it('are known to their own connection alone when they are not stored', async () => {
    const socket = await ResponseSocketClient.open(app);
    const first = await socket.create({ input: 'say: cobalt', store: false });
    const second = await socket.create({ input: 'say: again', store: false, previous_response_id: first.id });
    expect(textOf(second)).toBe('again');
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain('cobalt');
    const other = await ResponseSocketClient.open(app);
    expect(await other.fail({ input: 'x', previous_response_id: second.id })).toMatchObject({
      type: 'invalid_request_error',
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    });
    expect(textOf(await other.create({ input: 'say: fresh' }))).toBe('fresh');
    await Promise.all([socket.close(), other.close()]);
  });

  it('forget what a failed continuation was to go on from', async () => {
    const socket = await ResponseSocketClient.open(app);
    const { id } = await socket.create({ input: 'say: ember', store: false });
    const input = [{ type: 'function_call_output', call_id: 'call_none', output: '' }];
    const failed = await socket.fail({ input, store: false, previous_response_id: id });
    expect(failed).toMatchObject({ code: 'tool_call_not_found' });
    const again = await socket.fail({ input: 'say: stale', store: false, previous_response_id: id });
    expect(again).toMatchObject({ code: 'previous_response_not_found' });
    await socket.close();
  });

  it('put input into the history without asking the model', async () => {
    const socket = await ResponseSocketClient.open(app, { 'X-Codex-Mode': 'model' });
    const count = app.model.requests.length;
    const warm = await socket.create({ input: 'say: remembered', store: false, generate: false });
    expect([warm.status, warm.output, app.model.requests.length]).toEqual(['completed', [], count]);
    await socket.create({ input: 'say: now', store: false, previous_response_id: warm.id });
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain('remembered');
    await socket.close();
  });

  it("call the caller's functions", async () => {
    const tools = [functionTool('get_weather')];
    const socket = await ResponseSocketClient.open(app);
    const first = await socket.create({ input: 'weather please', tools, store: false });
    const more = { tools, store: false, previous_response_id: first.id };
    expect(textOf(await socket.create({ ...more, input: outputsOf(first) }))).toContain('get_weather says so');
    await socket.close();
  });

  it('go on when the connection is gone', async () => {
    const socket = await ResponseSocketClient.open(app);
    socket.send({ input: 'gate: away\nsay: done all the same' });
    await app.model.reached('away');
    const { data } = (await app.get('/api/v2/threads?limit=1')).body as { data: { thread_id: string }[] };
    await socket.close();
    const stream = await app.stream(data[0]?.thread_id ?? '', '?after=0');
    app.model.release('away');
    await stream.until('turn/completed');
    expect(stream.names).toContain('item/completed');
    stream.close();
  });

  it('refuse what is no request, and stay open', async () => {
    const socket = await ResponseSocketClient.open(app);
    expect(await socket.fail('{')).toMatchObject({ code: 'invalid_json' });
    expect(await socket.fail({ input: 'x', background: true })).toMatchObject({ param: 'background' });
    expect(await socket.fail({ input: 'x', stop: 'y' })).toMatchObject({ code: 'unknown_parameter', param: 'stop' });
    expect(textOf(await socket.create({ input: 'say: fine' }))).toBe('fine');
    await socket.close();
  });

  it('pass the same gate as every request', async () => {
    const stranger = await ResponseSocketClient.refusal(app, {});
    expect([stranger.status, stranger.body]).toMatchObject([401, { error: { code: 'invalid_api_key' } }]);
    const authorization = `Bearer ${TOKEN}`;
    const page = await ResponseSocketClient.refusal(app, { authorization, origin: 'https://evil.example' });
    expect(page.status).toBe(403);
    const mode = await ResponseSocketClient.refusal(app, { authorization, 'X-Codex-Mode': 'odd' });
    expect([mode.status, mode.body]).toMatchObject([400, { error: { param: 'X-Codex-Mode' } }]);
    await app.get('/v1/responses').expect(405);
  });

  it('end with the server, after the one that is under way', async () => {
    const socket = await ResponseSocketClient.open(app);
    socket.send({ input: 'gate: last\nsay: to the end' });
    await app.model.reached('last');
    const [exit, code] = [app.terminate(), socket.closed()];
    app.model.release('last');
    expect(textOf((await socket.next()).at(-1)?.response as never)).toBe('to the end');
    expect(await code).toBe(1001);
    expect((await exit).code).toBe(0);
    await app.restart();
    expect(textOf(await new ResponsesClient(app).create({ input: 'say: back' }))).toBe('back');
  });
});
