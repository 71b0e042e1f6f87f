import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { App, type Json } from '../support/start-app.js';
import { ResponsesClient, textOf } from '../support/responses.js';

describe('responses past their time', () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start({ args: ['--response-retention', '7'] });
    api = new ResponsesClient(app);
  });
  afterAll(() => app.stop());

  it('are not found any more, while their threads and what is younger are', async () => {
    const { id: conversation } = (await app.post('/v1/conversations', {}).expect(200)).body as { id: string };
    const old = await api.place({ input: 'say: Old.' });
    const young = await api.create({ input: 'say: Young.', previous_response_id: old.response.id });
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
    age([old.response.id, conversation], 8);
    age([young.id], 6);
    await app.restart();

    let answer;
    do {
      answer = await app.get(`/v1/responses/${old.response.id}`);
    } while (answer.status === 200);
    expect([answer.status, (answer.body as { error: Json }).error.code]).toEqual([404, 'response_not_found']);
    await app.get(`/v1/conversations/${conversation}`).expect(404);
    await app.get(`/api/v2/threads/${old.threadId}`).expect(200);
    expect(await api.retrieve(young.id)).toEqual(young);
    const next = await api.place({ input: 'say: Next.', previous_response_id: young.id });
    expect([textOf(next.response), next.threadId]).toEqual(['Next.', old.threadId]);
    const gone = await api.request({ input: 'say: No.', previous_response_id: old.response.id }).expect(404);
    expect((gone.body as { error: Json }).error.code).toBe('previous_response_not_found');
  });

  /** Makes them older, as only time does. */
  function age(ids: readonly string[], days: number): void {
    const database = new DatabaseSync(join(app.scratch.dataDir, 'codex-web.db'));
    const madeAt = new Date(Date.now() - days * 86_400_000).toISOString();
    const change = database.prepare('UPDATE documents SET created_at = ? WHERE id = ?');
    for (const id of ids) {
      expect(change.run(madeAt, id).changes).toBe(1);
    }
    database.close();
  }
});
