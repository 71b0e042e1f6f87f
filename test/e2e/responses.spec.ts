import { App, type Json } from '../support/start-app.js';
import { outputsOf, ResponsesClient, textOf } from '../support/responses.js';

const IMAGE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('/v1/responses', () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start();
    api = new ResponsesClient(app);
  });
  afterAll(() => app.stop());

  it('answers with a whole response', async () => {
    const response = await api.create({
      input: 'say: hello there\nusage: 10/2/5/1',
      metadata: { a: 'b' },
      user: 'me',
      temperature: 0.5,
    });
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      error: null,
      incomplete_details: null,
      model: 'scripted-model',
      metadata: { a: 'b' },
      user: 'me',
      temperature: 0.5,
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 2 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 1 },
        total_tokens: 15,
      },
    });
    expect(response.output).toEqual([
      {
        type: 'message',
        id: expect.stringMatching(/^msg_/) as string,
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'hello there', annotations: [], logprobs: [] }],
      },
    ]);
  });

  it('streams numbered events, and tells the same again afterwards, from wherever is asked', async () => {
    const events = await api.stream({ input: 'think: so be it\nsay: one two' });
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_event, index) => index));
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const { id } = events[0]?.response as { id: string };
    expect(await api.replay(id)).toEqual(events);
    expect(await api.replay(id, 12)).toEqual(events.slice(13));
    expect(await api.retrieve(id)).toEqual(events.at(-1)?.response);
  });

  it('is a thread and a turn of the native API', async () => {
    const { response, threadId, turnId } = await api.place({ input: 'say: seen' });
    const turn = (await app.get(`/api/v2/threads/${threadId}/turns/${turnId}`).expect(200)).body as Json;
    expect(turn).toMatchObject({ status: 'completed', input: [{ type: 'text', text: 'say: seen' }] });
    expect((await app.get(`/api/v2/threads/${threadId}`)).body).toMatchObject({ metadata: { dialect: 'responses' } });
    expect(textOf(response)).toBe('seen');
  });

  it('continues from exactly the response that is named', async () => {
    const first = await api.place({ input: 'say: root' });
    const second = await api.place({ input: 'say: child', previous_response_id: first.response.id });
    expect(second.threadId).toBe(first.threadId);
    const branch = await api.place({ input: 'say: branch', previous_response_id: first.response.id });
    expect(branch.threadId).not.toBe(first.threadId);
    expect((await app.get(`/api/v2/threads/${branch.threadId}`)).body).toMatchObject({
      forked_from_id: first.threadId,
    });
    const asked = JSON.stringify(app.model.requests.at(-1)?.body.input);
    expect([asked.includes('root'), asked.includes('child')]).toEqual([true, false]);
  });

  it('gives the instructions of each response alone', async () => {
    const first = await api.create({ input: 'say: a', instructions: 'Speak like a pirate.' });
    await api.create({ input: 'say: b', previous_response_id: first.id, instructions: 'Speak like a poet.' });
    const asked = JSON.stringify(app.model.requests.at(-1)?.body.input);
    expect(asked).toContain('Speak like a poet.');
    expect(asked).toContain('say: a');
  });

  it('keeps what was said in a conversation', async () => {
    const conversation = (await app.post('/v1/conversations', { metadata: { topic: 'x' } }).expect(200)).body as Json;
    const path = `/v1/conversations/${String(conversation.id)}`;
    const first = await api.place({ input: 'say: one', conversation: conversation.id });
    const second = await api.place({ input: 'say: two', conversation: { id: conversation.id } });
    expect(second.threadId).toBe(first.threadId);
    expect(second.response).toMatchObject({ conversation: { id: conversation.id } });
    const { data } = (await app.get(`${path}/items?order=asc`).expect(200)).body as { data: Json[] };
    expect(data.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    expect((await app.get(path).expect(200)).body).toEqual(conversation);
    await app.post(path, { metadata: { topic: 'y' } }).expect(200, { ...conversation, metadata: { topic: 'y' } });
    await app.delete(path).expect(200, { id: conversation.id, object: 'conversation.deleted', deleted: true });
    await app.get(path).expect(404);
  });

  it('forms its answer by a schema', async () => {
    const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
    const response = await api.create({
      input: 'a person',
      text: { format: { type: 'json_schema', name: 'person', schema } },
    });
    expect(JSON.parse(textOf(response))).toEqual({ name: '' });
    expect(response.text).toEqual({
      format: { type: 'json_schema', name: 'person', description: null, schema, strict: true },
      verbosity: 'medium',
    });
  });

  it('shows images and text files to the model', async () => {
    const url = `data:image/png;base64,${IMAGE}`;
    const data = `data:text/markdown;base64,${Buffer.from('# Title').toString('base64')}`;
    const content = [
      { type: 'input_text', text: 'say: looked' },
      { type: 'input_image', image_url: url, detail: 'high' },
      { type: 'input_file', filename: 'a.md', file_data: data },
    ];
    await api.create({ input: [{ role: 'user', content }] });
    const last = (app.model.requests.at(-1)?.body.input as Json[]).at(-1);
    expect(last?.content).toEqual([
      { type: 'input_text', text: 'say: looked' },
      { type: 'input_image', image_url: url, detail: 'high' },
      { type: 'input_text', text: '<file name="a.md">\n# Title\n</file>' },
    ]);
  });

  it('is a bare model where it is asked to be', async () => {
    const bare = api.with({ 'X-Codex-Mode': 'model' });
    await bare.create({ input: 'say: bare', instructions: 'Be brief.' });
    const asked = app.model.requests.at(-1);
    expect(asked?.tools.map(({ name }) => name)).toEqual(['request_user_input']);
    const messages = (asked?.body.input as Json[]).map(({ role, content }) => [role, (content as Json[])[0]?.text]);
    expect(messages).toEqual([
      ['developer', 'Be brief.'],
      ['user', 'say: bare'],
    ]);
  });

  it("shows Codex's own work to those who ask", async () => {
    const script = 'run: sleep 0.2; echo hi\nsay: done';
    const plain = await api.stream({ input: script });
    expect(plain.some(({ type }) => type.startsWith('codex:'))).toBe(false);
    const events = await api.with({ 'X-Codex-Events': '1' }).stream({ input: script });
    expect(events.some(({ type }) => type.startsWith('codex:item/commandExecution/'))).toBe(true);
    const { output, id } = events.at(-1)?.response as { output: Json[]; id: string };
    expect(output.map(({ type }) => type)).toEqual(['codex:command_execution', 'message']);
    expect(await api.replay(id)).toEqual(events);
  });

  it('ends when it has said as much as it may', async () => {
    const response = await api.create({ input: 'deltas: 400', max_output_tokens: 20 });
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(textOf(response)).toHaveLength(80);
    expect(response.output[0]).toMatchObject({ status: 'incomplete' });
  });

  it('tells of a turn that failed', async () => {
    const events = await api.stream({ input: 'fail: response odd It broke.' });
    const error = { code: 'server_error', message: expect.stringContaining('It broke.') as string };
    expect(events.at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'failed', error } });
  });

  it('lists what it was given, deletes it, and leaves its thread', async () => {
    const { response, threadId } = await api.place({
      input: [
        { role: 'developer', content: 'Be kind.' },
        { role: 'user', content: 'say: x' },
      ],
    });
    const path = `/v1/responses/${response.id}`;
    const { data, has_more } = (await app.get(`${path}/input_items?order=asc&limit=1`).expect(200)).body as {
      data: Json[];
      has_more: boolean;
    };
    expect([data.map(({ role }) => role), has_more]).toEqual([['developer'], true]);
    await app.delete(path).expect(200, { id: response.id, object: 'response', deleted: true });
    await app.get(path).expect(404);
    await app.get(`/api/v2/threads/${threadId}`).expect(200);
  });

  it('goes on without its client, and can be cancelled when it was made in the background', async () => {
    const begun = await api.create({ input: 'gate: far\nsay: still here', background: true });
    expect(begun.status).toBe('queued');
    await app.model.reached('far');
    expect((await api.retrieve(begun.id)).status).toBe('in_progress');
    app.model.release('far');
    expect(textOf(await api.until(begun.id, 'completed'))).toBe('still here');
    const other = await api.create({ input: 'stall', background: true });
    await app.post(`/v1/responses/${other.id}/cancel`).expect(200);
    expect((await api.retrieve(other.id)).status).toBe('cancelled');
  });

  it('sums a conversation up, for another to begin with', async () => {
    const body = { model: 'scripted-model', input: [{ role: 'user', content: 'say: The word is slate.' }] };
    const compacted = (await app.post('/v1/responses/compact', body).expect(200)).body as { output: Json[] };
    expect(compacted.output.map(({ type }) => type)).toEqual(['compaction']);
    await api.create({ input: [...compacted.output, { role: 'user', content: 'say: on' }] });
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain('Summary of the conversation so far');
  });

  it('leaves nothing behind of what is not to be stored', async () => {
    const { response, threadId } = await api.place({ input: 'say: secret', store: false });
    await app.get(`/v1/responses/${response.id}`).expect(404);
    await api.request({ input: 'x', previous_response_id: response.id }).expect(404);
    await app.get(`/api/v2/threads/${threadId}`).expect(404);
  });

  it('does a keyed request once', async () => {
    const keyed = api.with({ 'Idempotency-Key': 'once-1' });
    const first = await keyed.create({ input: 'say: once' });
    expect(await keyed.create({ input: 'say: once' })).toEqual(first);
    const streamed = await keyed.with({ 'Idempotency-Key': 'once-2' }).stream({ input: 'say: twice' });
    expect(await keyed.with({ 'Idempotency-Key': 'once-2' }).stream({ input: 'say: twice' })).toEqual(streamed);
    await keyed.request({ input: 'say: other' }).expect(409);
  });

  it('answers POST /health as the first server of its kind', async () => {
    await app.post('/health').expect(200, { status: 'healthy', service: 'codex-http-server' });
    expect(outputsOf(await api.create({ input: 'say: no calls' }))).toEqual([]);
  });
});
