import { once } from 'node:events';
import { WebSocket } from 'ws';
import { HELD, heldBytes, MEBIBYTE, RSS, sendHalf, SLACK, untilFree, untilHeld } from '../support/held-bytes.js';
import { MetricsPage } from '../support/metrics-reader.js';
import { ResponseSocketClient } from '../support/responses.js';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const LIMIT = 32 * MEBIBYTE;
const LARGE = 24 * MEBIBYTE;
const LIMITED = { code: 'rate_limit_exceeded' };

let app: App;

beforeAll(async () => {
  app = await App.start({
    args: ['--max-buffered-bytes', String(2 * LIMIT), '--max-buffered-bytes-per-token', String(LIMIT)],
  });
});

afterAll(async () => {
  await app.stop();
});

/** A frame of 9 MiB: spaces are bytes of it, and nothing that the model would have to read. */
const padded = (script: string): string =>
  `{"type":"response.create","input":${JSON.stringify(script)}${' '.repeat(9 * MEBIBYTE)}}`;

/** A WebSocket whose frames are sent as they are. */
async function openRaw(): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/v1/responses`, { headers });
  await once(socket, 'open');
  return socket;
}

describe('frames that wait', () => {
  it('are held up to the limit of their token; the connection that sends more is closed, to be tried again', async () => {
    const before = await untilFree(app);
    const socket = await ResponseSocketClient.open(app);
    const end = socket.end();
    socket.send({ input: 'gate: first\nsay: first' });
    await app.model.reached('first');
    for (let count = 0; count < 16; count += 1) {
      socket.send(padded('say: waited'));
    }
    expect((await socket.next()).at(-1)).toMatchObject({ type: 'error', status: 429, error: LIMITED });
    const page = await MetricsPage.of(app);
    expect(page.value(HELD)).toBeLessThanOrEqual(LIMIT);
    expect(page.value(RSS) - before.value(RSS)).toBeLessThan(2 * LIMIT + SLACK);
    expect(await end).toMatchObject({ code: 1013 });
    app.model.release('first');
    await untilFree(app);
  });

  it('count until they are answered', async () => {
    const socket = await ResponseSocketClient.open(app);
    socket.send({ input: 'gate: second\nsay: second' });
    await app.model.reached('second');
    socket.send(padded('say: waited'));
    socket.send(padded('gate: third\nsay: third'));
    await untilHeld(app, 18 * MEBIBYTE);
    app.model.release('second');
    await app.model.reached('third');
    const held = await heldBytes(app);
    expect([held > 9 * MEBIBYTE, held < 18 * MEBIBYTE]).toEqual([true, true]);
    app.model.release('third');
    for (let count = 0; count < 3; count += 1) {
      expect((await socket.next()).at(-1)?.type).toBe('response.completed');
    }
    await untilFree(app);
    await socket.close();
  });

  it('are given back when their client vanishes', async () => {
    const socket = await ResponseSocketClient.open(app);
    socket.send({ input: 'gate: left\nsay: left' });
    await app.model.reached('left');
    socket.send(padded('say: never'));
    await untilHeld(app, 9 * MEBIBYTE);
    await socket.terminate();
    app.model.release('left');
    await untilFree(app);
  });
});

describe('frames that are not whole', () => {
  it('are held up to the limit too; a connection with one too many is closed, to be tried again', async () => {
    const holder = await sendHalf(app, LARGE);
    await untilHeld(app, LARGE);
    const socket = await ResponseSocketClient.open(app);
    const end = socket.end();
    socket.send({ input: 'x'.repeat(LARGE) });
    expect((await socket.next()).at(-1)).toMatchObject({ type: 'error', status: 429, error: LIMITED });
    expect(await end).toMatchObject({ code: 1013 });
    expect(await heldBytes(app)).toBeLessThanOrEqual(LIMIT);
    holder.close();
    await untilFree(app);
  });

  it('end their connection when they could never be held', async () => {
    const socket = await ResponseSocketClient.open(app);
    const end = socket.end();
    socket.send({ input: 'x'.repeat(LIMIT) });
    expect(await end).toMatchObject({ code: 1009 });
    await untilFree(app);
  });

  it('are given back when their client vanishes, and not for the pings in between', async () => {
    const socket = await openRaw();
    socket.send('x'.repeat(10 * MEBIBYTE), { fin: false });
    await untilHeld(app, 10 * MEBIBYTE);
    for (let count = 0; count < 50; count += 1) {
      const answered = once(socket, 'pong');
      socket.ping('x'.repeat(125));
      await answered;
    }
    expect(await heldBytes(app)).toBeGreaterThan(10 * MEBIBYTE);
    socket.terminate();
    await untilFree(app);
  });
});

describe('a connection that lives long', () => {
  it('holds nothing of what was answered, nor of pings', async () => {
    const socket = await ResponseSocketClient.open(app);
    for (let count = 0; count < 20; count += 1) {
      expect(await socket.fail('{')).toMatchObject({ code: 'invalid_json' });
    }
    const raw = await openRaw();
    for (let count = 0; count < 20; count += 1) {
      const answered = once(raw, 'pong');
      raw.ping('still there');
      await answered;
    }
    expect(await heldBytes(app)).toBe(0);
    raw.terminate();
    await socket.close();
  });

  it('counts each frame as a write, also one that is refused', async () => {
    const limited = await App.start({ args: ['--rate-limit-writes', '4'] });
    const socket = await ResponseSocketClient.open(limited);
    const codes: unknown[] = [];
    for (let count = 0; count < 5; count += 1) {
      codes.push((await socket.fail(count === 0 ? Buffer.from('{') : '{')).code);
    }
    expect(codes).toEqual(['invalid_frame', ...Array<string>(3).fill('invalid_json'), LIMITED.code]);
    await limited.post('/api/v2/threads').expect(429);
    await socket.close();
    await limited.stop();
  });
});
