import { RawEngine } from '../support/raw-engine.js';
import { App, type Json } from '../support/start-app.js';

/** As if the server were killed between what the engine did and its own note of it: only the engine knows. */
describe('what the engine has done when the server is killed before it could note it', () => {
  let app: App;
  let archivedId: string;
  let unarchivedId: string;
  let deletedId: string;
  let revertedId: string;

  const turnsOf = async (threadId: string): Promise<Json[]> => {
    const answer = await app.get(`/api/v2/threads/${threadId}/turns?sort_direction=asc`).expect(200);
    return (answer.body as { data: Json[] }).data;
  };

  async function threadWithTurns(...texts: string[]): Promise<string> {
    const threadId = await app.createThread();
    for (const text of texts) {
      await app.runTurn(threadId, `say: ${text}`);
    }
    return threadId;
  }

  async function byEngineAlone(work: (engine: RawEngine) => Promise<unknown>): Promise<void> {
    const engine = await RawEngine.start(app.scratch);
    await work(engine);
    await engine.stop();
  }

  async function revertLastTurn(engine: RawEngine, threadId: string): Promise<void> {
    await engine.request('thread/resume', { threadId });
    const { data } = (await engine.request('thread/turns/list', { threadId })) as { data: Json[] };
    await engine.request('thread/revert', { threadId, beforeTurnId: data[0]?.id });
  }

  beforeAll(async () => {
    app = await App.start();
    archivedId = await threadWithTurns('One.');
    unarchivedId = await threadWithTurns('One.');
    deletedId = await threadWithTurns('One.');
    revertedId = await threadWithTurns('One.', 'Two.', 'Three.');
    await app.post(`/api/v2/threads/${unarchivedId}/archive`).expect(200);
    await app.server.signal('SIGKILL');
    await byEngineAlone(async (engine) => {
      await engine.request('thread/archive', { threadId: archivedId });
      await engine.request('thread/unarchive', { threadId: unarchivedId });
      await engine.request('thread/delete', { threadId: deletedId });
      await revertLastTurn(engine, revertedId);
    });
    await app.restart();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('is known at the next start: a thread that was archived, or taken out of the archive', async () => {
    for (const [threadId, archived] of [
      [archivedId, true],
      [unarchivedId, false],
    ] as const) {
      expect((await app.get(`/api/v2/threads/${threadId}`).expect(200)).body).toMatchObject({ archived });
    }
  });

  it('is no fault when the request comes again: archiving, and taking out of the archive', async () => {
    await byEngineAlone(async (engine) => {
      await engine.request('thread/archive', { threadId: unarchivedId });
      await engine.request('thread/unarchive', { threadId: archivedId });
    });
    const archived = await app.post(`/api/v2/threads/${unarchivedId}/archive`);
    expect([archived.status, archived.body]).toMatchObject([200, { archived: true }]);
    const unarchived = await app.post(`/api/v2/threads/${archivedId}/unarchive`);
    expect([unarchived.status, unarchived.body]).toMatchObject([200, { archived: false }]);
    expect(await app.runTurn(archivedId, 'say: On.')).toMatchObject({ status: 'completed' });
  });

  it('is no fault when the request comes again: deleting', async () => {
    const answer = await app.delete(`/api/v2/threads/${deletedId}`);
    expect([answer.status, answer.body]).toEqual([204, {}]);
    await app.get(`/api/v2/threads/${deletedId}`).expect(404);
  });

  it('is no fault when the request comes again: rolling back', async () => {
    const [first, second, third] = await turnsOf(revertedId);
    expect(third).toBeDefined();
    const answer = await app.post(`/api/v2/threads/${revertedId}/rollback`, { num_turns: 1 });
    expect([answer.status, answer.body]).toMatchObject([200, { current_turn_id: second?.turn_id }]);
    const left = await turnsOf(revertedId);
    expect(left.map(({ turn_id: turnId }) => turnId)).toEqual([first?.turn_id, second?.turn_id]);
    expect(await app.runTurn(revertedId, 'say: On.')).toMatchObject({ status: 'completed' });
    const context = JSON.stringify(app.model.requests.at(-1)?.body);
    expect(['One.', 'Two.', 'Three.'].filter((text) => context.includes(text))).toEqual(['One.', 'Two.']);
  });
});
