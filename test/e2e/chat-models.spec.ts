import { ChatClient, user } from '../support/chat.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

describe('the models of a chat', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  async function catalogue(): Promise<
    { model: string; supported_reasoning_efforts: { reasoning_effort: string }[] }[]
  > {
    const body: unknown = (await app.get('/api/v2/models?limit=100').expect(200)).body;
    return (body as { data: Awaited<ReturnType<typeof catalogue>> }).data;
  }

  const idsOf = (body: unknown): string[] => (body as { data: { id: string }[] }).data.map(({ id }) => id);

  it('are the configured one, then those of the catalogue', async () => {
    const known = (await catalogue()).map(({ model }) => model);
    const body: unknown = (await app.get('/v1/models').expect(200)).body;
    const view = (id: string): Json => ({ id, object: 'model', created: 0, owned_by: 'scripted' });
    expect(body).toEqual({ object: 'list', data: ['scripted-model', ...known].map(view) });
    expect((await app.get('/v1/models/scripted-model').expect(200)).body).toEqual(view('scripted-model'));
  });

  it('can be named as a variant that thinks with one effort, listed or not', async () => {
    const [first] = await catalogue();
    const effort = first?.supported_reasoning_efforts[0]?.reasoning_effort ?? '';
    const variant = `${first?.model ?? ''}-${effort}`;
    expect(idsOf((await app.get('/v1/models').expect(200)).body)).not.toContain(variant);
    expect((await app.get(`/v1/models/${variant}`).expect(200)).body).toMatchObject({ id: variant });
    const chat = new ChatClient(app);
    const { body } = await chat.say('say: Hi', { model: variant });
    expect(body.model).toBe(variant);
    expect(app.model.requests.at(-1)?.body).toMatchObject({ model: first?.model, reasoning: { effort } });
    const messages = [user('say: Hi')];
    expect(await chat.refused({ model: variant, messages, reasoning_effort: 'none' })).toMatchObject({
      status: 400,
      param: 'reasoning_effort',
    });
  });

  it('are not found by a name that nobody knows, but the provider may know more of them', async () => {
    expect((await app.get('/v1/models/no-such-model').expect(404)).body).toEqual({
      error: {
        message: "The model 'no-such-model' does not exist here; GET /v1/models lists those that do.",
        type: 'invalid_request_error',
        param: 'model',
        code: 'model_not_found',
      },
    });
    const { body } = await new ChatClient(app).say('say: Hi', { model: 'llama-of-mine' });
    expect([body.model, app.model.requests.at(-1)?.model]).toEqual(['llama-of-mine', 'llama-of-mine']);
  });

  it('may be left out: the configured one answers', async () => {
    const body: unknown = (await app.post('/v1/chat/completions', { messages: [user('say: Hi')] }).expect(200)).body;
    expect((body as Json).model).toBe('scripted-model');
  });

  it('are told to clients of Ollama', async () => {
    expect((await app.get('/api/version').expect(200)).body).toEqual({ version: '0.12.10' });
    const tags = (await app.get('/api/tags').expect(200)).body as { models: Json[] };
    expect(tags.models.map(({ name }) => name)).toEqual(idsOf((await app.get('/v1/models').expect(200)).body));
    const details = {
      ...{ parent_model: '', format: '', family: 'scripted', families: ['scripted'] },
      ...{ parameter_size: '', quantization_level: '' },
    };
    expect(tags.models[0]).toEqual({
      name: 'scripted-model',
      model: 'scripted-model',
      modified_at: '1970-01-01T00:00:00Z',
      size: 0,
      digest: '',
      details,
    });
    const [, known] = tags.models;
    for (const body of [{ model: known?.name }, { name: known?.name, verbose: true }]) {
      expect((await app.post('/api/show', body).expect(200)).body).toMatchObject({
        details,
        model_info: { 'general.architecture': 'scripted', 'general.basename': known?.name },
        capabilities: ['completion', 'tools', 'vision', 'thinking'],
      });
    }
    expect((await app.post('/api/show', { model: 'nothing' }).expect(404)).body).toEqual({
      error: "model 'nothing' not found",
    });
    expect((await app.post('/api/show', {}).expect(400)).body).toEqual({
      error: expect.stringContaining('model: is missing') as string,
    });
  });

  it("answers for the rest of Ollama's API in its shape of an error", async () => {
    const error = expect.stringContaining('/v1/chat/completions') as string;
    for (const path of [
      '/api/chat',
      '/api/generate',
      '/api/embed',
      '/api/embeddings',
      '/api/pull',
      '/api/blobs/sha256:1',
    ]) {
      expect((await app.post(path, { model: 'x' }).expect(404)).body).toEqual({ error });
    }
    expect((await app.get('/api/ps').expect(404)).body).toEqual({ error });
    expect((await app.delete('/api/delete').expect(404)).body).toEqual({ error });
    expect((await app.get('/api/show').expect(405)).body).toEqual({ error: expect.any(String) as string });
    expect((await app.get('/api/nothing').expect(404)).body).toMatchObject({ code: 'not_found' });
  });
});

describe('a server that shows the variants', () => {
  it('lists each model once more for each of its efforts', async () => {
    const app = await App.start({ env: { CODEX_SERVE_EXPOSE_REASONING_MODELS: '1' } });
    try {
      const body: unknown = (await app.get('/api/v2/models?limit=100').expect(200)).body;
      const models = (
        body as { data: { model: string; supported_reasoning_efforts: { reasoning_effort: string }[] }[] }
      ).data;
      const listed = await app.get('/v1/models').expect(200);
      expect((listed.body as { data: Json[] }).data.map(({ id }) => id)).toEqual([
        'scripted-model',
        ...models.flatMap(({ model, supported_reasoning_efforts: efforts }) => [
          model,
          ...efforts.map(({ reasoning_effort: effort }) => `${model}-${effort}`),
        ]),
      ]);
    } finally {
      await app.stop();
    }
  });
});

describe('a server without this front door', () => {
  it('has none of its paths', async () => {
    const app = await App.start({ args: ['--dialects', 'v2'] });
    try {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
      const statusOf = async (path: string, init: RequestInit = {}): Promise<number> =>
        (await fetch(`${app.url}${path}`, { headers, ...init })).status;
      const paths = ['/v1/models', '/v1/models/x', '/api/tags', '/api/version'];
      expect(await Promise.all(paths.map((path) => statusOf(path)))).toEqual([404, 404, 404, 404]);
      expect(await statusOf('/v1/chat/completions', { method: 'POST', body: '{}' })).toBe(404);
    } finally {
      await app.stop();
    }
  });
});
