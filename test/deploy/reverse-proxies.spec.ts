import { App } from '../support/start-app.js';
import { findProgram, freePort, startCaddy, startNginx, type ReverseProxy } from '../support/reverse-proxy.js';
import { TOKEN } from '../support/server-process.js';
import { SseReader } from '../support/sse-reader.js';

const headers = { authorization: `Bearer ${TOKEN}` };

// The proxies are no packages of npm's: one that this machine has not can't be tried here.
describe.each([
  ['nginx', startNginx],
  ['caddy', startCaddy],
] as const)('behind %s', (program, start) => {
  const test = findProgram(program) === undefined ? it.skip : it;
  let app: App;
  let proxy: ReverseProxy;

  beforeAll(async () => {
    if (findProgram(program) === undefined) {
      return;
    }
    const port = await freePort();
    // nginx passes the host on without its port, Caddy with it.
    const hosts = ['127.0.0.1', `127.0.0.1:${String(port)}`];
    app = await App.start({ args: hosts.flatMap((host) => ['--allowed-host', host]) });
    proxy = await start(app.url, port);
  });

  afterAll(async () => {
    if (findProgram(program) !== undefined) {
      await proxy.stop();
      await app.stop();
    }
  });

  const open = (threadId: string, query = '', more: Record<string, string> = {}): Promise<SseReader> =>
    SseReader.open(`${proxy.url}/api/v2/threads/${threadId}/events${query}`, { headers: { ...headers, ...more } });

  test('events come as they happen, and are replayed by their ids', async () => {
    const threadId = await app.createThread();
    const stream = await open(threadId);
    await stream.until('stream/live');
    const { turn_id: turnId } = await app.submit(threadId, 'say: First.\ngate: door\nsay: Second.');
    // The model waits at the gate: what was said before it is here, and the turn is not over.
    await stream.until(({ event, data }) => event === 'item/completed' && JSON.stringify(data).includes('First.'));
    expect(stream.names).not.toContain('turn/completed');
    app.model.release('door');
    await stream.turnEnd(turnId);
    stream.close();
    const half = stream.events[Math.floor(stream.events.length / 2)]!;
    const rest = await open(threadId, '', { 'last-event-id': half.id! });
    await rest.until('stream/live');
    rest.close();
    const later = stream.events.filter(({ id }) => Number(id) > Number(half.id));
    expect(rest.events.map(({ id, text }) => [id, text])).toEqual(later.map(({ id, text }) => [id, text]));
  });

  test('uploads of some size and the errors of the server come through as they are', async () => {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(5_000_000)]), 'large.bin');
    const uploaded = await fetch(`${proxy.url}/api/v2/attachments`, { method: 'POST', headers, body: form });
    expect(uploaded.status).toBe(201);
    const refused = await fetch(`${proxy.url}/api/v2/threads`);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
  });
});
