import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Worker } from 'node:worker_threads';
import { startWriterWorker, WriterThread } from '../../../../src/storage/embedded/writer-thread.js';

const COUNT = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000000) SELECT max(x) FROM c';

describe('WriterThread', () => {
  let folder: string;
  let file: string;
  let workers: Worker[];
  let writer: WriterThread;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'codex-web-writer-'));
    file = join(folder, 'test.db');
    const database = new DatabaseSync(file);
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE numbers (number INTEGER NOT NULL UNIQUE)');
    database.close();
    workers = [];
    writer = new WriterThread({ file, busyTimeoutMs: 1_000 }, (options) => {
      const worker = startWriterWorker(options);
      workers.push(worker);
      return worker;
    });
  });

  afterEach(async () => {
    await writer.close();
    rmSync(folder, { recursive: true });
  });

  const insert = (...values: (number | null)[]) => ({ sql: 'INSERT INTO numbers VALUES (?)', width: 1, values });

  function stored(): unknown[] {
    const database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare('SELECT number FROM numbers ORDER BY number').all();
    database.close();
    return rows.map(({ number }) => number);
  }

  it('stores all steps of a transaction or none', async () => {
    await writer.run([insert(1, 2)]);
    await expect(writer.run([insert(3), insert(4, 1)])).rejects.toMatchObject({ code: 'internal' });
    await expect(writer.run([insert(3), { sql: 'no SQL', width: 1, values: [1] }])).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    expect(stored()).toEqual([1, 2]);
    await writer.run([insert(3), insert(4)]);
    expect(stored()).toEqual([1, 2, 3, 4]);
  });

  it('rejects what was under way when its thread died, and goes on with a new thread', async () => {
    await writer.run([insert(1)]);
    // Takes so long that the thread is ended while it is at it.
    const lost = writer.run([{ ...insert(2), sql: `INSERT INTO numbers SELECT ? FROM (${COUNT})` }]);
    await Promise.all([expect(lost).rejects.toMatchObject({ code: 'storage_unavailable' }), workers[0]?.terminate()]);
    await writer.run([{ ...insert(2), sql: 'INSERT OR IGNORE INTO numbers VALUES (?)' }, insert(3)]);
    expect(stored()).toEqual([1, 2, 3]);
    expect(workers).toHaveLength(2);
  });

  it('rejects when the thread can not open the database', async () => {
    const lost = new WriterThread({ file: join(folder, 'missing', 'x.db'), busyTimeoutMs: 0 });
    await expect(lost.run([])).rejects.toMatchObject({ code: 'storage_unavailable' });
    await lost.close();
  });

  it('runs one transaction at a time', async () => {
    const first = writer.run([insert(1)]);
    await expect(writer.run([insert(2)])).rejects.toThrow(/one transaction/);
    await first;
    expect(stored()).toEqual([1]);
  });
});
