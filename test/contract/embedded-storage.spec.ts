import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { type Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ThreadQuery } from '../../src/core/threads/thread-index.js';
import { DirectoryLock } from '../../src/storage/embedded/data-directory.js';
import { EmbeddedStorage } from '../../src/storage/embedded/embedded-storage.js';
import { feedback, kept } from './document-builders.js';
import { approval, entry, item, Numbering, thread, turn } from './storage-builders.js';
import { describeStorage } from './storage-contract.js';

let root: string;
let opened: EmbeddedStorage[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'codex-web-storage-'));
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((storage) => storage.close()));
  rmSync(root, { recursive: true });
});

async function open(dataDir = join(root, 'data'), busyTimeoutMs = 5_000): Promise<EmbeddedStorage> {
  const storage = await EmbeddedStorage.open({ dataDir, busyTimeoutMs });
  opened.push(storage);
  return storage;
}

describeStorage('EmbeddedStorage', () => open());

describe('EmbeddedStorage', () => {
  it('has everything again after it was closed', async () => {
    const first = await open();
    const whole = entry({
      events: new Numbering().many('a', 5),
      threads: [thread({ threadId: 'a' })],
      turns: [turn('a', 0)],
      items: [item('a', 'turn_0', 0)],
      approvals: [approval('a')],
    });
    const opinion = feedback();
    await first.journal.write(whole);
    await first.feedback.put(opinion);
    await first.idempotency.put(kept());
    await first.close();
    expect(readdirSync(join(root, 'data')).sort()).toEqual(['codex-web.db', 'lock.db']);

    const second = await open();
    expect(await second.eventLog.read(null, 0, 10)).toEqual(whole.events);
    expect(second.eventLog.bounds('a')).toEqual({ earliestSeq: 1, latestSeq: 5 });
    expect(second.threads.list({ ...ALL, limit: 10 }).data).toEqual(whole.threads);
    expect(second.turns.findTurn('a', 'turn_0')).toEqual(whole.turns[0]);
    expect(second.turns.itemsOf('a', ['turn_0'])).toEqual(whole.items);
    expect(second.approvals.pending()).toEqual(whole.approvals);
    expect(second.feedback.list({ limit: 10 }).data).toEqual([opinion]);
    expect(second.idempotency.find('caller', 'key')).toEqual(kept());
  });

  it('stores what was handed over before it was closed', async () => {
    const first = await open();
    const writes = new Numbering().many('a', 20).map((event) => first.journal.write(entry({ events: [event] })));
    await Promise.all([first.close(), first.close(), ...writes]);
    expect((await open()).eventLog.bounds('a')).toEqual({ earliestSeq: 1, latestSeq: 20 });
  });

  it('keeps directory and files to their owner', async () => {
    const storage = await open();
    await storage.journal.write(entry({ events: new Numbering().many('a', 1) }));
    const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    const dataDir = join(root, 'data');
    const modes = Object.fromEntries(readdirSync(dataDir).map((name) => [name, modeOf(join(dataDir, name))]));
    expect(modeOf(dataDir)).toBe('700');
    expect(modes).toEqual({
      'codex-web.db': '600',
      'codex-web.db-shm': '600',
      'codex-web.db-wal': '600',
      'lock.db': '600',
    });
  });

  it('keeps the latest number when the events before it are no longer kept', async () => {
    const first = await open();
    await first.journal.write(entry({ events: new Numbering().many('a', 5) }));
    await first.close();
    edit('DELETE FROM events WHERE seq < 4');
    const second = await open();
    expect(second.eventLog.bounds('a')).toEqual({ earliestSeq: 4, latestSeq: 5 });
    expect(second.eventLog.bounds(null)).toEqual({ earliestSeq: 4, latestSeq: 5 });
    await second.close();
    edit('DELETE FROM events');
    const third = await open();
    expect(third.eventLog.bounds('a')).toEqual({ earliestSeq: 6, latestSeq: 5 });
    expect(third.eventLog.bounds(null)).toEqual({ earliestSeq: 6, latestSeq: 5 });
  });

  it('fails a write that another program is in the way of, and takes it when tried again', async () => {
    const storage = await open(undefined, 20);
    const other = new DatabaseSync(join(root, 'data', 'codex-web.db'));
    other.exec('BEGIN IMMEDIATE');
    const events = new Numbering().many('a', 2);
    await expect(storage.journal.write(entry({ events }))).rejects.toMatchObject({
      name: 'ServiceError',
      code: 'storage_unavailable',
      message: expect.stringMatching(/another program/) as string,
      retryAfterSeconds: expect.any(Number) as number,
    });
    expect(storage.eventLog.bounds('a')).toEqual({ earliestSeq: 1, latestSeq: 0 });
    other.exec('ROLLBACK');
    other.close();
    await storage.journal.write(entry({ events }));
    expect(await storage.eventLog.read('a', 0, 10)).toEqual(events);
  });

  it.each(['asc', 'desc'] as const)('pages %s through 10,000 threads and sees each once', async (sortDirection) => {
    const storage = await open();
    const threads = Array.from({ length: 10_000 }, (_, index) =>
      thread({ createdAt: new Date(1_767_000_000_000 + (index % 777)).toISOString() }),
    );
    await storage.journal.write(entry({ threads }));
    const seen: string[] = [];
    let query: ThreadQuery | undefined = { ...ALL, sortDirection, limit: 100 };
    while (query) {
      const { data, nextCursor } = storage.threads.list(query);
      seen.push(...data.map(({ createdAt, threadId }) => `${createdAt} ${threadId}`));
      query = nextCursor === null ? undefined : { ...query, cursor: nextCursor };
    }
    const expected = threads.map(({ createdAt, threadId }) => `${createdAt} ${threadId}`).sort();
    expect(seen).toEqual(sortDirection === 'asc' ? expected : expected.reverse());
  });
});

describe('EmbeddedStorage.open', () => {
  it('refuses a directory that this process uses already, until it is closed', async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/--data-dir/) as string,
    });
    await expect(open()).rejects.toMatchObject({ code: 'conflict' });
    await first.close();
    await expect(open()).resolves.toBeInstanceOf(EmbeddedStorage);
  });

  it('keeps a second process out, and all that it acknowledged when it is killed in the middle', async () => {
    const child = spawnChild(join(root, 'data'));
    const exited = once(child, 'exit');
    const acknowledged: number[] = [];
    for await (const line of createInterface(child.stdout)) {
      acknowledged.push(Number(line));
      if (acknowledged.length === 1) {
        await expect(open()).rejects.toMatchObject({ code: 'conflict' });
      }
      if (acknowledged.length === 150) {
        child.kill('SIGKILL');
      }
    }
    await exited;

    const storage = await open();
    const { latestSeq } = storage.eventLog.bounds('a');
    const events = await storage.eventLog.read('a', 0, latestSeq + 1);
    expect(latestSeq).toBeGreaterThanOrEqual(acknowledged.at(-1) ?? 0);
    expect(acknowledged.length).toBeGreaterThanOrEqual(150);
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: latestSeq }, (_, index) => index + 1));
    expect(storage.threads.find('a')?.metadata).toEqual({ last: latestSeq.toString() });
    expect(storage.eventLog.bounds(null)).toEqual({ earliestSeq: 1, latestSeq });
  });

  it('keeps its lock until it is released, whoever still refers to it', async () => {
    const dataDir = join(root, 'data');
    mkdirSync(dataDir);
    // In a function of its own, so that nothing here refers to the lock.
    (() => new DirectoryLock(dataDir))();
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    await expect(open()).rejects.toMatchObject({ code: 'conflict' });
  });

  it('refuses a database of a later version and leaves it as it is', async () => {
    const first = await open();
    await first.close();
    edit('PRAGMA user_version = 999');
    await expect(open()).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringMatching(/version 999.*later release/) as string,
    });
    edit('PRAGMA user_version = 4');
    await expect(open()).resolves.toBeInstanceOf(EmbeddedStorage);
  });

  it('brings a database of an earlier version up to this one', async () => {
    const first = await open();
    await first.journal.write(entry({ threads: [thread({ threadId: 'a' })] }));
    await first.close();
    edit(
      'DROP TABLE documents; DROP TABLE leftovers; ALTER TABLE streams DROP COLUMN event_bytes; PRAGMA user_version = 1',
    );
    const second = await open();
    await second.feedback.put(feedback());
    expect(second.threads.find('a')).toBeDefined();
    expect(second.feedback.list({ limit: 10 }).data).toHaveLength(1);
  });

  it('takes what the service had put among the options of threads and waiting turns out of them', async () => {
    const history = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: "it's" }] }];
    const first = await open();
    await first.journal.write(entry({ threads: [thread({ threadId: 'a' })], turns: [turn('a', 0), turn('a', 1)] }));
    await first.close();
    edit(
      `UPDATE turns SET status = 'queued', record = json_set(record, '$.status', 'queued', '$.options.inject_items',
        json('${JSON.stringify(history).replaceAll("'", "''")}')) WHERE position = 1;
      UPDATE threads SET record = json_set(record, '$.options.imported_at', '2026-01-01T00:00:00.000Z');
      PRAGMA user_version = 3`,
    );
    const second = await open();
    expect(second.threads.find('a')).toEqual(thread({ threadId: 'a' }));
    expect(second.turns.queuedTurns('a')).toEqual([{ ...turn('a', 1), status: 'queued', history }]);
    expect(second.turns.findTurn('a', 'turn_0')).toEqual(turn('a', 0));
  });

  it('says that a damaged database is one', async () => {
    mkdirSync(join(root, 'data'));
    writeFileSync(join(root, 'data', 'codex-web.db'), 'This is no database, whatever its name says. '.repeat(500));
    await expect(open()).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringMatching(/not a database/) as string,
    });
  });

  it('says that a truncated database is damaged', async () => {
    const first = await open();
    await first.journal.write(entry({ threads: Array.from({ length: 200 }, () => thread()) }));
    await first.close();
    const file = join(root, 'data', 'codex-web.db');
    copyFileSync(file, `${file}.whole`);
    writeFileSync(file, Buffer.from('SQLite format 3\0'.padEnd(4096, '\0')));
    await expect(open()).rejects.toMatchObject({ code: 'storage_unavailable' });
    copyFileSync(`${file}.whole`, file);
    await expect(open()).resolves.toBeInstanceOf(EmbeddedStorage);
  });

  it('says which directory can not be used', async () => {
    writeFileSync(join(root, 'file'), '');
    mkdirSync(join(root, 'odd', 'codex-web.db'), { recursive: true });
    mkdirSync(join(root, 'locked', 'lock.db'), { recursive: true });
    for (const dataDir of [join(root, 'file'), join(root, 'file', 'below'), join(root, 'odd'), join(root, 'locked')]) {
      await expect(open(dataDir)).rejects.toMatchObject({
        code: 'storage_unavailable',
        message: expect.stringContaining(dataDir) as string,
      });
    }
  });
});

const ALL: ThreadQuery = { archived: false, sortKey: 'created_at', sortDirection: 'desc', limit: 20 };

/** What only a release to come, or a retention job, would do to the database of a stopped server. */
function edit(sql: string): void {
  const database = new DatabaseSync(join(root, 'data', 'codex-web.db'));
  database.exec(sql);
  database.close();
}

function spawnChild(dataDir: string): ChildProcessByStdio<null, Readable, null> {
  const hooks = fileURLToPath(new URL('./run-from-source.ts', import.meta.url));
  const script = fileURLToPath(new URL('./storage-child.ts', import.meta.url));
  const flags = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning', '--import', hooks];
  return spawn(process.execPath, [...flags, script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
}
