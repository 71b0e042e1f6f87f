import { send } from '../support/raw-request.js';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const SECRET_MESSAGE = 'a very private message';

interface Line {
  level: number;
  msg: string;
  requestId?: string;
  path?: string;
  status?: number | string;
}

let app: App;

const get = (path: string): ReturnType<typeof send> => send(app.url, { path });

beforeAll(async () => {
  app = await App.start({ env: { LOG_LEVEL: 'info', HEALTH_STATUS: 'healthy' } });
});

afterAll(async () => {
  await app.stop();
});

describe('health', () => {
  it('is what --health-status says', async () => {
    expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'healthy' } });
  });

  it('is told to a POST in the words of older clients, with any body or none', async () => {
    const wanted = { status: 200, body: { status: 'healthy', service: 'codex-http-server' } };
    const headers = { 'content-type': 'application/json' };
    expect(await send(app.url, { method: 'POST', path: '/health' })).toMatchObject(wanted);
    expect(await send(app.url, { method: 'POST', path: '/health', headers, body: '{"any":1}' })).toMatchObject(wanted);
  });

  it('says that the process lives', async () => {
    const wanted = { ok: true, uptime_seconds: expect.any(Number) as number };
    const message = 'The model provider in use needs no login.';
    expect((await get('/healthz')).body).toEqual({ ...wanted, authenticated: true, message });
    expect((await get('/livez')).body).toEqual(wanted);
  });

  it('says that engine and storage are ready', async () => {
    const answer = await get('/readyz');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      ready: true,
      checks: [
        { name: 'engine', ready: true },
        { name: 'storage', ready: true },
      ],
    });
  });
});

describe('the log at info', () => {
  it('has one JSON line a request and a turn, without the token or what was said', async () => {
    const threadId = await app.createThread({ name: SECRET_MESSAGE });
    const turn = await app.runTurn(threadId, `say: ${SECRET_MESSAGE}`);
    expect(turn.status).toBe('completed');
    const ids = ['one', 'two', 'three', 'four'].map((word) => `log-test-${word}`);
    const paths = [`/api/v2/threads/${threadId}?limit=7`, '/api/v2/none', '/health', '/%zz'];
    const statuses: number[] = [];
    for (const [index, path] of paths.entries()) {
      const headers = { authorization: `Bearer ${TOKEN}`, 'x-request-id': ids[index]! };
      statuses.push((await send(app.url, { path, headers })).status);
    }
    expect(await app.terminate()).toEqual({ code: 0, signal: null });

    const { output } = app.server;
    const lines = toLogLines(output);
    const logged = lines.filter(({ requestId }) => ids.includes(requestId ?? ''));
    expect(logged.map(({ requestId, path, status, msg }) => ({ requestId, path, status, msg }))).toEqual(
      ids.map((requestId, index) => ({
        requestId,
        path: paths[index]!.replace(/\?.*/, ''),
        status: statuses[index],
        msg: 'request',
      })),
    );
    expect(lines.filter(({ msg }) => msg === 'turn')).toEqual([
      expect.objectContaining({
        threadId,
        turnId: turn.turn_id,
        status: 'completed',
        ms: turn.duration_ms,
        model: 'scripted-model',
        tokens: expect.objectContaining({ input: expect.any(Number) as number }) as object,
      }),
    ]);
    expect(output).not.toContain(SECRET_MESSAGE);
    expect(output).not.toContain(TOKEN);
    expect(lines.filter(({ level }) => level >= 50)).toEqual([]);
  });
});

/** All that is printed, but for what is said once when the server is ready. */
function toLogLines(output: string): Line[] {
  const lines = output.split('\n').filter((line) => line !== '');
  const banner = lines.filter((line) => !line.startsWith('{'));
  expect(banner[0]).toMatch(/^codex-web-server listening on http:/);
  expect(banner.slice(1).filter((line) => !line.startsWith('  '))).toEqual([]);
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
}
