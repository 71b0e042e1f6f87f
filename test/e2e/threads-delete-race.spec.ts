import { App } from '../support/start-app.js';

const TIMES = 6;

/** Each race is run several times, with the two sides a little closer or further apart by themselves. */
describe.each([false, true])('deleting a thread (ephemeral: %s) while something is begun in it', (ephemeral) => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('either runs the turn or deletes the thread, and the server goes on', async () => {
    const outcomes = new Set<string>();
    for (let times = 0; times < TIMES; times += 1) {
      const threadId = await app.createThread({ ephemeral });
      await app.runTurn(threadId, 'say: Hi.');
      const path = `/api/v2/threads/${threadId}`;
      const turn = { input: [{ type: 'text', text: 'say: Again.' }] };
      const [deleted, submitted] = await Promise.all([app.delete(path), app.post(`${path}/turns`, turn)]);
      outcomes.add(`${String(deleted.status)} ${String(submitted.status)}`);
    }
    expect([...outcomes].filter((outcome) => !['204 404', '409 202'].includes(outcome))).toEqual([]);
    const threadId = await app.createThread({ ephemeral });
    expect((await app.runTurn(threadId, 'say: Still here.')).status).toBe('completed');
  });

  it('deletes it once when several clients do so at once', async () => {
    const threadId = await app.createThread({ ephemeral });
    await app.runTurn(threadId, 'say: Hi.');
    const answers = await Promise.all([1, 2, 3].map(() => app.delete(`/api/v2/threads/${threadId}`)));
    expect(answers.filter(({ status }) => status !== 204 && status !== 404).map(({ body }) => body as unknown)).toEqual(
      [],
    );
    await app.get(`/api/v2/threads/${threadId}`).expect(404);
  });
});
