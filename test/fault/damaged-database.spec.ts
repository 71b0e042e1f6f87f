import { closeSync, openSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { untilReadiness } from '../support/engine-faults.js';
import { App, type Json } from '../support/start-app.js';

describe('a database that was damaged', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('at the end of its write-ahead log loses nothing from before: events have no hole, and turns run', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Safe.');
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
    await app.restart();
    const before = await readAll(threadId);
    await app.runTurn(threadId, 'deltas: 50\nsay: At risk.');
    await app.server.signal('SIGKILL');
    const file = join(app.scratch.dataDir, 'codex-web.db-wal');
    const { size } = statSync(file);
    truncateSync(file, Math.floor(size / 2) + 100);

    await app.restart();
    const after = await readAll(threadId);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.map(({ id }) => id)).toEqual(after.map((_, index) => String(index + 1)));
    expect(await app.runTurn(threadId, 'say: And on.')).toMatchObject({ status: 'completed' });
    const { data } = (await app.get(`/api/v2/threads/${threadId}/turns?sort_direction=asc`)).body as { data: Json[] };
    expect(data[0]).toMatchObject({ status: 'completed' });
    expect(data.map(({ status }) => status)).not.toContain('in_progress');
  });

  it('in one table answers 503 where that is needed, says so in readiness, and goes on with the rest', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Stored.');
    await app.terminate();
    damageTable(join(app.scratch.dataDir, 'codex-web.db'), 'items');
    await app.restart();

    expect((await app.get(`/api/v2/threads/${threadId}`)).status).toBe(200);
    const refused = await app.get(`/api/v2/threads/${threadId}/items`);
    expect([refused.status, (refused.body as Json).code]).toEqual([503, 'storage_unavailable']);
    expect((refused.body as Json).detail).toContain('the database is damaged. Stop the server, and put a backup');
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    await app.submit(threadId, 'say: Can not be stored.');
    expect(JSON.stringify(await untilReadiness(app, 503))).toContain('the database is damaged');
    expect((await app.get('/livez')).status).toBe(200);
    expect((await app.post('/api/v2/threads')).status).toBe(503);
  });

  /** Overwrites the page that the table begins with. */
  function damageTable(file: string, table: string): void {
    const database = new DatabaseSync(file, { readOnly: true });
    const { page, size } = database
      .prepare('SELECT rootpage AS page, page_size AS size FROM sqlite_schema, pragma_page_size WHERE name = ?')
      .get(table) as { page: number; size: number };
    database.close();
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(size, 0xab), 0, size, (page - 1) * size);
    closeSync(handle);
  }

  async function readAll(threadId: string): Promise<{ id: string | undefined; text: string }[]> {
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('stream/live');
    stream.close();
    return stream.events.map(({ id, text }) => ({ id, text }));
  }
});
