import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/engine-processes.js';
import { untilReadiness } from '../support/engine-faults.js';
import { Scratch, ServerProcess, TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

describe('a data directory that can not be used', () => {
  it('ends the server with 1 and says what to do when it is a file', async () => {
    const scratch = new Scratch();
    const file = join(scratch.root, 'not-a-folder');
    writeFileSync(file, '');
    const args = ['--port', '0', '--codex-home', scratch.codexHome, '--workspace-root', scratch.workspace];
    const server = ServerProcess.spawn([...args, '--data-dir', file], { CODEX_AUTH_TOKEN: TOKEN });
    expect(await server.exited).toEqual({ code: 1, signal: null });
    scratch.remove();
    expect(server.output).toContain(`The data directory ${file} can't be used`);
    expect(server.output).toContain('choose another one with --data-dir');
    expect(server.output).not.toContain('    at ');
  });

  it('is refused to a second server', async () => {
    const app = await App.start();
    const folders = ['--codex-home', app.scratch.codexHome, '--data-dir', app.scratch.dataDir];
    const second = ServerProcess.spawn(['--port', '0', ...folders], { CODEX_AUTH_TOKEN: TOKEN });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.output).toContain('Another server already uses the data directory');
    expect((await app.get('/readyz')).status).toBe(200);
    await app.stop();
  });
});

const volume = mkdtempSync('/var/tmp/codex-web-volume-');
const canMount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300m', 'tmpfs', volume]).status === 0;

afterAll(() => {
  if (canMount) {
    spawnSync('umount', [volume]);
  }
  rmSync(volume, { recursive: true });
});

// Too small for the write-ahead log to take its room in advance. Mounting needs rights that not every machine gives to its tests.
(canMount ? describe : describe.skip)('a disk that is full', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start({ dataDir: volume, args: ['--shutdown-timeout', '0.5'] });
  });

  afterAll(async () => {
    await app.stop();
  });

  const filler = join(volume, 'filler');
  const fill = (): void => {
    // Bit by bit, since the server takes some of the room at the same time.
    for (const size of [1024 * 1024, 4096]) {
      while (isAppended(Buffer.alloc(size)));
    }
  };
  const isAppended = (block: Buffer): boolean => {
    try {
      appendFileSync(filler, block);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
        return false;
      }
      throw error;
    }
  };

  it('refuses new turns while it is full, and afterwards has every event in its order', async () => {
    const threadId = await app.createThread();
    const stream = await app.stream(threadId, '?after=0');
    const running = await app.submit(threadId, 'say: Begins.\ngate: full\ndeltas: 500 size=200\nsay: Ends.');
    const waiting = await app.submit(threadId, 'say: From the queue.');
    await app.model.reached('full');
    fill();
    app.model.release('full');
    expect(JSON.stringify(await untilReadiness(app, 503))).toContain('the disk is full');

    const refused = await app.post(`/api/v2/threads/${threadId}/turns`, {
      input: [{ type: 'text', text: 'say: No.' }],
    });
    expect([refused.status, (refused.body as Json).code]).toEqual([503, 'storage_unavailable']);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    expect((await app.post('/api/v2/threads', {})).status).toBe(503);

    rmSync(filler);
    await untilReadiness(app, 200);
    expect(await stream.turnEnd(running.turn_id)).toMatchObject({ status: 'completed' });
    expect(await stream.turnEnd(waiting.turn_id)).toMatchObject({ status: 'completed' });
    const turn = await app.submit(threadId, 'say: Works again.');
    expect(await stream.turnEnd(turn.turn_id)).toMatchObject({ status: 'completed' });
    stream.close();
    expect(stream.events.map(({ id }) => id)).toEqual(stream.events.map((_, index) => String(index + 1)));
    const deltas = stream.events.filter(({ event }) => event === 'item/agentMessage/delta');
    expect(deltas.map(({ data }) => String(data.delta)).join('')).toContain('Ends.');
    const { data } = (await app.get(`/api/v2/threads/${threadId}/turns`)).body as { data: Json[] };
    expect(data.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
  });

  it('holds an engine that says more than memory should take, and hears all of it afterwards', async () => {
    const threadId = await app.createThread();
    const message = 'deltas: 130 size=100000';
    const script = ['gate: flood', message, message, message, 'say: Ends.'].join('\n');
    const { turn_id: turnId } = await app.submit(threadId, script);
    await app.model.reached('flood');
    fill();
    app.model.release('flood');
    await until(() => app.server.output.includes('The engine is held'));
    rmSync(filler);
    // Whoever follows it live would lag behind so much.
    await until(async () => ((await app.get(`/api/v2/threads/${threadId}`)).body as Json).status === 'idle');
    const stream = await app.stream(threadId, '?after=0');
    expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    stream.close();
    expect(stream.events.map(({ id }) => id)).toEqual(stream.events.map((_, index) => String(index + 1)));
    const deltas = stream.events.filter(({ event }) => event === 'item/agentMessage/delta');
    const characters = deltas.reduce((sum, { data }) => sum + String(data.delta).length, 0);
    expect(characters).toBe(3 * 130 * 100_000 + 'Ends.'.length);
  });

  it('ends in its time when it is told to while the engine is held', async () => {
    const threadId = await app.createThread();
    const { turn_id: turnId } = await app.submit(threadId, 'gate: again\ndeltas: 400 size=100000');
    await app.model.reached('again');
    fill();
    const before = app.server.output.length;
    app.model.release('again');
    await until(() => app.server.output.slice(before).includes('The engine is held'));
    // What could not be stored is lost, which is no good end.
    expect(await app.terminate()).toEqual({ code: 1, signal: null });
    rmSync(filler);
    await app.restart();
    const stream = await app.stream(threadId, '?after=0');
    expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'interrupted' });
    stream.close();
    expect(stream.events.map(({ id }) => id)).toEqual(stream.events.map((_, index) => String(index + 1)));
  });
});
