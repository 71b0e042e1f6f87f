import { RawEngine } from '../support/raw-engine.js';
import { App, type Json } from '../support/start-app.js';

const KEY = 'any-key-of-no-known-form';
const OTHER = 'sk-proj-0123456789abcdef';

/** Providers repeat in their errors the key that they do not take. */
describe('a key in a provider’s error', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start({ env: { ANY_API_KEY: KEY, LOG_LEVEL: 'trace' } });
  });
  afterAll(() => app.stop());

  it.each([
    ['a known one', `fail: 401 Nobody has ${KEY} here.`],
    ['one by its form', `fail: 403 Incorrect key ${OTHER}.`],
    ['one by its name', 'fail: 400 Incorrect API key provided: 0123456789abcdef.'],
    ['one in a stream', `fail: response quota You with ${KEY} are out of quota.`],
  ])('is told to nobody: %s', async (_, script) => {
    const threadId = await app.createThread();
    const events = await app.stream(threadId);
    const turn = await app.runTurn(threadId, script);
    events.close();
    const answers = [
      (await app.post('/v1/responses', { input: script })).text,
      (await app.post('/v1/chat/completions', { messages: [{ role: 'user', content: script }] })).text,
    ];
    expect(turn).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('[masked]') as string } });
    const failures = events.frames.filter(({ event }) => event === 'error' || event === 'turn/completed');
    // The caller's own text is in the items.
    const told = [JSON.stringify(turn.error), ...failures.map(({ data }) => JSON.stringify(data)), ...answers].join(
      '\n',
    );
    for (const key of [KEY, OTHER, '0123456789abcdef']) {
      expect(told).not.toContain(key);
      expect(app.server.output).not.toContain(key);
    }
  });

  it('is masked in the history of another client too', async () => {
    const other = await RawEngine.start(app.scratch);
    const threadId = await other.createThread({ cwd: app.scratch.workspace });
    await other.runTurn(threadId, `fail: 403 Incorrect key ${OTHER}.`);
    await other.stop();
    const { data } = (await app.get(`/api/v2/threads/${threadId}/turns`).expect(200)).body as { data: Json[] };
    expect(data).toMatchObject([{ error: { message: expect.stringContaining('[masked]') as string } }]);
    expect(JSON.stringify(data.map(({ error }) => error))).not.toContain(OTHER);
  });

  it('leaves other words of an error as they are', async () => {
    const turn = await app.runTurn(await app.createThread(), 'fail: 400 Unexpected token: identifier in the schema.');
    expect(JSON.stringify(turn.error)).toContain('Unexpected token: identifier in the schema.');
  });
});
