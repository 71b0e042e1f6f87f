import {
  HELD,
  heldBytes,
  MEBIBYTE,
  REFUSED,
  RSS,
  sendHalf,
  SLACK,
  untilFree,
  untilHeld,
} from '../support/held-bytes.js';
import { MetricsPage } from '../support/metrics-reader.js';
import { NamedClient } from '../support/named-token.js';
import { type RawAnswer, send } from '../support/raw-request.js';
import { RawSocket, toHead } from '../support/raw-socket.js';
import { ResponsesClient, textOf } from '../support/responses.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';
import { upload } from '../support/uploads.js';

const CLIENTS = 20;
/** Nearly all that the token of a small server may have held. */
const MOST = 1_900_000;

let app: App;

/** A server that holds so much of each token, and of all. */
function withLimits(perToken: number, ofAll: number, ...more: readonly string[]): void {
  beforeAll(async () => {
    const limits = ['--max-buffered-bytes-per-token', String(perToken), '--max-buffered-bytes', String(ofAll)];
    app = await App.start({ args: [...limits, ...more] });
  });

  afterAll(async () => {
    await app.stop();
  });
}

/** Spaces are bytes of a body, and nothing that the model would have to read. */
const createResponse = (script: string, padding: number, token = TOKEN): Promise<RawAnswer> =>
  send(app.url, {
    method: 'POST',
    path: '/v1/responses',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: `{"input":${JSON.stringify(script)}${' '.repeat(padding)}}`,
  });

describe('bodies that never end', () => {
  const limit = 32 * MEBIBYTE;
  const large = 24 * MEBIBYTE;
  withLimits(limit, 2 * limit);

  it('are held up to the limit of their token over all its connections, and no longer than these last', async () => {
    const before = await untilFree(app);
    const sockets = await Promise.all(Array.from({ length: CLIENTS }, () => sendHalf(app, large)));
    const page = await MetricsPage.until(app, (now) => now.value(REFUSED) - before.value(REFUSED) >= CLIENTS - 1);
    expect(page.value(HELD)).toBeLessThanOrEqual(limit);
    expect(page.value(RSS) - before.value(RSS)).toBeLessThan(limit + SLACK);
    // A request that is small goes on.
    expect(await app.createThread()).toBeTruthy();
    for (const socket of sockets) {
      socket.close();
    }
    await untilFree(app);
    expect(textOf(await new ResponsesClient(app).create({ input: 'say: fine again' }))).toBe('fine again');
  });

  it('cost what they are, in however small chunks they come', async () => {
    const before = await untilFree(app);
    const headers = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
    const socket = await RawSocket.open(app.url);
    const bytes = MEBIBYTE / 2;
    socket.send(`${toHead(app.url, 'POST /v1/responses', headers)}\r\n${'1\r\n \r\n'.repeat(bytes)}`);
    const page = await untilHeld(app, bytes);
    expect(page.value(HELD)).toBe(bytes);
    expect(page.value(RSS) - before.value(RSS)).toBeLessThan(SLACK);
    socket.close();
    await untilFree(app);
  });

  it('are refused before they are sent where they have no room', async () => {
    const holder = await sendHalf(app, large);
    await untilHeld(app, large);
    const headers = [
      ...['Content-Type: application/json', `Content-Length: ${String(large)}`],
      ...['Expect: 100-continue', 'Connection: close'],
    ];
    const socket = await RawSocket.open(app.url);
    const answer = await socket.send(`${toHead(app.url, 'POST /v1/responses', headers)}\r\n`).closed;
    expect(answer).toMatch(/^HTTP\/1\.1 429 /);
    expect(answer).toContain('\r\nRetry-After: 5\r\n');
    expect(answer).toContain('"code":"rate_limit_exceeded"');
    holder.close();
    await untilFree(app);
  });
});

describe('what a token has no room for any more', () => {
  withLimits(2 * MEBIBYTE, 3 * MEBIBYTE);

  const body = { junk: 'x'.repeat(500_000) };
  const tooMuch = 'What this token has sent and waits for is as much as the server holds for one; wait for answers.';

  it.each<[string, Json]>([
    ['/api/v2/threads', { status: 429, code: 'rate_limited', detail: tooMuch }],
    [
      '/v1/responses',
      { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', message: tooMuch, param: null } },
    ],
    [
      '/v1/conversations',
      { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', message: tooMuch, param: null } },
    ],
    ['/v1/chat/completions', { error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', message: tooMuch } }],
    ['/messages', { code: 'rate_limited' }],
    ['/api/thread/start', { code: 'rate_limited', detail: tooMuch }],
    ['/api/show', { error: tooMuch }],
  ])('is refused at %s in its own words, and taken once there is room', async (path, words) => {
    const holder = await sendHalf(app, MOST);
    await untilHeld(app, MOST);
    const answer = await app.post(path, body).expect(429);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.body).toMatchObject(words);
    holder.close();
    await untilFree(app);
    expect((await app.post(path, body)).status).not.toBe(429);
    await untilFree(app);
  });

  it('does not keep files from being uploaded, since those go to the disk as they come', async () => {
    const holder = await sendHalf(app, MOST);
    const before = (await untilHeld(app, MOST)).value(HELD);
    expect((await upload(app, Buffer.alloc(4 * MEBIBYTE), 'large.bin')).status).toBe(201);
    expect(await heldBytes(app)).toBe(before);
    holder.close();
    await untilFree(app);
  });

  it('does not take from what another token has; what all have together is bounded too', async () => {
    const other = await NamedClient.create(app, 'other', 'read,write');
    const holder = await sendHalf(app, MOST);
    await untilHeld(app, MOST);
    const answer = await createResponse('say: mine', MEBIBYTE, other.token);
    expect([answer.status, textOf(answer.body as Parameters<typeof textOf>[0])]).toEqual([200, 'mine']);
    const refused = await createResponse('say: mine', 1_500_000, other.token);
    expect(refused.status).toBe(429);
    expect(refused.body.error).toMatchObject({
      code: 'rate_limit_exceeded',
      message: 'The server holds as much of what was sent to it as it may; try again later.',
    });
    holder.close();
    await untilFree(app);
    expect((await createResponse('say: mine', 1_500_000, other.token)).status).toBe(200);
  });

  it('is given back when a body is refused for another reason', async () => {
    const answer = await send(app.url, {
      method: 'POST',
      path: '/v1/responses',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: `{${' '.repeat(MEBIBYTE)}`,
    });
    expect(answer.status).toBe(400);
    await untilFree(app);
  });

  it('is 413 where it could never be held', async () => {
    expect((await createResponse('say: never', 3 * MEBIBYTE)).status).toBe(413);
    const headers = ['Content-Type: application/json', 'Transfer-Encoding: chunked', 'Connection: close'];
    const socket = await RawSocket.open(app.url);
    const chunk = `${(3 * MEBIBYTE).toString(16)}\r\n${' '.repeat(3 * MEBIBYTE)}\r\n`;
    socket.send(`${toHead(app.url, 'POST /v1/responses', headers)}\r\n${chunk}0\r\n\r\n`);
    expect(await socket.closed).toMatch(/^HTTP\/1\.1 413 /);
    await untilFree(app);
  });
});

describe('a body that is whole', () => {
  withLimits(16 * MEBIBYTE, 32 * MEBIBYTE, '--body-timeout', '1');

  it('counts until its request is answered', async () => {
    const answer = createResponse('gate: held\nsay: answered', 8 * MEBIBYTE);
    await app.model.reached('held');
    expect(await heldBytes(app)).toBeGreaterThan(8 * MEBIBYTE);
    app.model.release('held');
    expect((await answer).status).toBe(200);
    await untilFree(app);
  });

  it('that is too late counts no more', async () => {
    const socket = await RawSocket.open(app.url);
    const headers = ['Content-Type: application/json', 'Content-Length: 1000000'];
    socket.send(`${toHead(app.url, 'POST /api/v2/threads', headers)}\r\n${'x'.repeat(500_000)}`);
    expect(await socket.closed).toMatch(/^HTTP\/1\.1 408 /);
    await untilFree(app);
  });
});
