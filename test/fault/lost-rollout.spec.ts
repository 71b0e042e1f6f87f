import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Json } from '../support/start-app.js';

/** An engine that is killed between making the file of a thread and writing its first line leaves an empty one. */
describe('a thread of which the engine has an empty file', () => {
  let app: App;
  let threadId: string;
  let deletedId: string;

  const listed = async (): Promise<unknown[]> =>
    ((await app.get('/api/v2/threads').expect(200)).body as { data: Json[] }).data.map((thread) => thread.thread_id);

  beforeAll(async () => {
    app = await App.start();
    [threadId, deletedId] = [await app.createThread(), await app.createThread()];
    for (const id of [threadId, deletedId]) {
      await app.runTurn(id, 'say: Cut.');
    }
    await app.server.signal('SIGKILL');
    const sessions = join(app.scratch.codexHome, 'sessions');
    for (const name of readdirSync(sessions, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.jsonl')) {
        truncateSync(join(sessions, name));
      }
    }
    await app.restart();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('goes on under its id, and is listed once', async () => {
    expect(await app.runTurn(threadId, 'say: On.')).toMatchObject({ status: 'completed', thread_id: threadId });
    const { data } = (await app.get(`/api/v2/threads/${threadId}/turns`).expect(200)).body as { data: Json[] };
    expect(data.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect((await listed()).sort()).toEqual([threadId, deletedId].sort());
    await app.terminate();
    await app.restart();
    expect(await app.runTurn(threadId, 'say: And on.')).toMatchObject({ status: 'completed' });
    expect(JSON.stringify(app.model.requests.at(-1)?.body)).toContain('On.');
    expect((await listed()).sort()).toEqual([threadId, deletedId].sort());
  });

  it('can be deleted', async () => {
    await app.delete(`/api/v2/threads/${deletedId}`).expect(204);
    expect(await listed()).toEqual([threadId]);
  });
});
