import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { App } from '../support/start-app.js';
import { ResponsesClient, textOf } from '../support/responses.js';

describe('a response whose end was not stored before a crash, and whose events are past their time', () => {
  let app: App;
  let api: ResponsesClient;

  beforeAll(async () => {
    app = await App.start();
    api = new ResponsesClient(app);
  });
  afterAll(() => app.stop());

  it('ends as its turn did, and is gone on from', async () => {
    const done = await api.create({ input: 'think: so\nsay: It was done.\nusage: 5/0/2/0' });
    const failed = await api.create({ input: 'fail: 400 No such thing.' });
    expect([done.status, failed.status]).toEqual(['completed', 'failed']);
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
    leaveOpen([done.id, failed.id]);
    await app.restart();

    const again = await api.until(done.id, 'completed');
    expect(again).toEqual(done);
    expect(await api.until(failed.id, 'failed')).toMatchObject({ error: failed.error });
    const next = await api.place({ input: 'say: Next.', previous_response_id: done.id });
    expect(textOf(next.response)).toBe('Next.');
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain('It was done.');
  });

  /** What a crash right after the turn's end, and the retention of events at the next start, leave behind. */
  function leaveOpen(ids: readonly string[]): void {
    const database = new DatabaseSync(join(app.scratch.dataDir, 'codex-web.db'));
    const open = database.prepare(`
      UPDATE documents SET group_key = 'open', record = json_set(record, '$.status', 'in_progress',
        '$.end', json('null'), '$.resource', json('null'), '$.contextHash', json('null'))
      WHERE collection = 'records/responses' AND id = ?`);
    for (const id of ids) {
      expect(open.run(id).changes).toBe(1);
    }
    database.exec('DELETE FROM events');
    database.close();
  }
});
