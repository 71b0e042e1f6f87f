import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MetricsPage } from '../support/metrics-reader.js';
import { RawSocket, toHead } from '../support/raw-socket.js';
import { RawStream } from '../support/raw-stream.js';
import { App, type Json } from '../support/start-app.js';
import { FORM_TYPE } from '../support/uploads.js';

const MEBIBYTE = 1024 * 1024;
/** In pieces that a reader keeps up with; together more than the sockets of a loopback connection hold (about 6 MiB). */
const LARGE_TURN = 'deltas: 250 size=3000';
const LARGE_TURNS = 8;
const READERS = 20;
const IDLE_STREAMS = 300;
const SLOW_CLIENTS = 50;
const DRIP_EVERY_MS = 50;

let app: App;
/** One with more to replay than sockets hold. */
let largeThreadId: string;

const SHORT_TIMES = [
  ...['--headers-timeout', '1', '--body-timeout', '1', '--upload-timeout', '2', '--stall-timeout', '1'],
];

beforeAll(async () => {
  app = await App.start();
});

afterAll(async () => {
  await app.stop();
});

const events = (threadId: string, query = ''): string => `${app.url}/api/v2/threads/${threadId}/events${query}`;

/** Reads a thread again and again until this is settled; resolves with how often that went well. */
async function readsUntil(settled: Promise<unknown>): Promise<number> {
  const threadId = await app.createThread();
  const over = settled.then(() => 'over');
  let count = 0;
  while ((await Promise.race([over, app.get(`/api/v2/threads/${threadId}`).expect(200)])) !== 'over') {
    count += 1;
  }
  return count;
}

describe('readers that never read', () => {
  it('are told and closed, cost little memory, and slow no other reader of the same thread', async () => {
    const threadId = await app.createThread();
    largeThreadId = threadId;
    const quick = await app.stream(threadId, '?after=0');
    await quick.until('stream/live');
    const stuck = await Promise.all(Array.from({ length: READERS }, () => RawStream.open(events(threadId))));
    const before = await MetricsPage.of(app);
    for (let count = 0; count < LARGE_TURNS; count += 1) {
      const { turn_id: turnId } = await app.submit(threadId, LARGE_TURN);
      expect(await quick.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    }

    const ids = quick.events.map(({ id }) => Number(id));
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    const after = await MetricsPage.of(app);
    expect(after.value('codex_web_streams_lagged_total')).toBe(READERS);
    // All of them wait for the same buffers, so that many readers cost hardly more than one.
    const grown = after.value('process_resident_memory_bytes') - before.value('process_resident_memory_bytes');
    expect(grown).toBeLessThan(150 * MEBIBYTE);
    quick.close();

    const told = await Promise.all(
      stuck.map(async (stream) => {
        stream.read();
        await stream.ended;
        return stream.text.includes('event: stream/lagged');
      }),
    );
    expect(told.filter(Boolean).length).toBeLessThanOrEqual(READERS);
    const closed = await MetricsPage.until(app, (page) => page.value('codex_web_streams_open') === 0);
    expect(closed.value('codex_web_streams_buffered_bytes')).toBe(0);
  });
});

describe('idle streams', () => {
  it('cost little and slow nobody', async () => {
    const threadId = await app.createThread();
    const before = await MetricsPage.of(app);
    const idle = await Promise.all(
      Array.from({ length: IDLE_STREAMS }, () => app.allEvents('?types=engine/restarted')),
    );
    const after = await MetricsPage.of(app);
    expect(after.value('codex_web_streams_open')).toBe(IDLE_STREAMS);
    const grown = after.value('process_resident_memory_bytes') - before.value('process_resident_memory_bytes');
    expect(grown / IDLE_STREAMS).toBeLessThan(MEBIBYTE / 4);
    expect(await app.runTurn(threadId, 'say: Hello.')).toMatchObject({ status: 'completed' });
    for (const stream of idle) {
      stream.close();
    }
  });
});

describe('readers that never read, where connections may stall for a second', () => {
  beforeAll(async () => {
    await app.terminate();
    await app.restart(SHORT_TIMES);
  });

  it('are closed after a while when it is the past that they do not read', async () => {
    const threadId = largeThreadId;
    const before = await MetricsPage.of(app);
    const sockets = await Promise.all(
      Array.from({ length: READERS }, async () => {
        const head = toHead(app.url, `GET /api/v2/threads/${threadId}/events?after=0`);
        return (await RawSocket.open(app.url)).pause().send(`${head}\r\n`);
      }),
    );
    const stalled = (page: MetricsPage): number => page.value('codex_web_connections_stalled_total');
    let mostBytes = 0;
    const later = await MetricsPage.until(app, (page) => {
      mostBytes = Math.max(mostBytes, page.value('codex_web_streams_buffered_bytes_max'));
      return stalled(page) - stalled(before) >= READERS && page.value('codex_web_streams_open') === 0;
    });
    expect(stalled(later) - stalled(before)).toBe(READERS);
    // A page of the log each: nothing more is read for a reader that has not taken it. The largest event has 0.7 MiB.
    expect(mostBytes).toBeLessThan(2 * MEBIBYTE);
    for (const socket of sockets) {
      socket.close();
    }
  });

  it('of a large answer are closed as well', async () => {
    const threadId = largeThreadId;
    const before = await MetricsPage.of(app);
    const socket = (await RawSocket.open(app.url)).pause();
    const head = toHead(app.url, `GET /api/v2/threads/${threadId}/items?limit=100`);
    socket.send(`${head}\r\n`);
    const name = 'codex_web_connections_stalled_total';
    const later = await MetricsPage.until(app, (page) => page.value(name) > before.value(name));
    expect(later.value(name)).toBe(before.value(name) + 1);
    socket.close();
  });
});

describe('clients that send slowly', () => {
  const openMany = (head: string, drip: string): Promise<RawSocket[]> =>
    Promise.all(
      Array.from({ length: SLOW_CLIENTS }, async () =>
        (await RawSocket.open(app.url)).send(head).drip(drip, DRIP_EVERY_MS),
      ),
    );

  it('are cut off when their headers never end, with 408, and hold up nobody', async () => {
    const slow = await openMany(toHead(app.url, 'GET /api/v2/threads'), 'X-Drip: 1\r\n');
    const answers = Promise.all(slow.map(({ closed }) => closed));
    expect(await readsUntil(answers)).toBeGreaterThan(2);
    const told = (await answers).filter((answer) => answer.startsWith('HTTP/1.1 408 Request Timeout\r\n'));
    // One that drips too slowly even for a bad client is closed without a word.
    expect((await answers).filter((answer) => answer !== '')).toEqual(told);
    expect(told.length).toBeGreaterThan(0);
  });

  it('are cut off when they say nothing at all', async () => {
    const silent = await Promise.all(Array.from({ length: SLOW_CLIENTS }, () => RawSocket.open(app.url)));
    for (const answer of await Promise.all(silent.map(({ closed }) => closed))) {
      expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
    }
  });

  it('are told 408 and cut off when their JSON never ends; nothing comes of it', async () => {
    const before = await threadCount();
    const headers = ['Content-Type: application/json', 'Content-Length: 100000'];
    const slow = await openMany(`${toHead(app.url, 'POST /api/v2/threads', headers)}\r\n{"name":"`, 'x');
    const answers = Promise.all(slow.map(({ closed }) => closed));
    expect(await readsUntil(answers)).toBeGreaterThan(2);
    for (const answer of await answers) {
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
      expect(head).toContain('\r\nConnection: close');
      expect(JSON.parse(body)).toMatchObject({ status: 408, code: 'request_timeout' });
    }
    // The one more is that of the reads beside them.
    expect(await threadCount()).toBe(before + 1);
  });

  it('are cut off in the middle of an upload, of which nothing stays', async () => {
    const part = '--x\r\nContent-Disposition: form-data; name="file"; filename="slow.txt"\r\n\r\n';
    const headers = [`Content-Type: ${FORM_TYPE.replace(/=.*/, '=x')}`, 'Content-Length: 100000'];
    const slow = await openMany(`${toHead(app.url, 'POST /api/v2/attachments', headers)}\r\n${part}`, 'y');
    await Promise.all(slow.map(({ closed }) => closed));
    while (filesBelow(join(app.scratch.dataDir, 'attachments')).length > 0) {
      await app.get('/livez').expect(200);
    }
  });
});

async function threadCount(): Promise<number> {
  const answer = await app.get('/api/v2/threads?limit=100').expect(200);
  return (answer.body as { data: Json[] }).data.length;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}
