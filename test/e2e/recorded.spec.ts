import { withDesk } from '../support/elicitation-config.js';
import { DocumentChecker } from '../support/document-checker.js';
import { answerAll, RICH_THREAD, richScript } from '../support/rich-turn.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

const checker = new DocumentChecker();
let app: App;
let threadId: string;
let turnId: string;
const faults: string[] = [];

beforeAll(async () => {
  app = await App.start({ config: withDesk });
});

afterAll(async () => {
  await app.stop();
});

afterEach(() => {
  expect(faults.splice(0)).toEqual([]);
});

/** One request whose answer is checked; `[status, body]`. */
async function send(method: string, path: string, body?: object, token = TOKEN): Promise<[number, Json]> {
  const response = await fetch(`${app.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const contentType = response.headers.get('content-type');
  faults.push(...checker.checkAnswer({ method, path, status: response.status, contentType, text }));
  return [response.status, contentType?.includes('json') === true ? (JSON.parse(text) as Json) : {}];
}

async function statusesOf(requests: readonly (readonly [string, string, object?])[]): Promise<(string | number)[][]> {
  const statuses: (string | number)[][] = [];
  for (const [method, path, body] of requests) {
    const [status] = await send(method, path, body);
    statuses.push([method, path, status]);
  }
  return statuses;
}

it('is noticed when a key is not in the document', () => {
  const page = { data: [], next_cursor: null };
  expect(checker.checkSchema('ThreadPage', page)).toEqual([]);
  expect(checker.checkSchema('ThreadPage', { ...page, nextCursor: null })).toHaveLength(1);
  const event = { event: 'turn/queued', thread_id: 'a', seq: 1, emitted_at: '2026-01-31T12:00:00.000Z' };
  const payload = { turn: { id: 'b', status: 'queued' }, queue_position: 1 };
  expect(checker.checkEvent({ ...event, ...payload })).toEqual([]);
  expect(checker.checkEvent({ ...event, ...payload, queuePosition: 1 })).toHaveLength(1);
  expect(checker.checkEvent({ ...event, ...payload, turn: { ...payload.turn, turnId: 1 } })).toHaveLength(1);
});

describe('what the server says is what the document says', () => {
  it('of a turn with items and questions of all kinds, event by event', async () => {
    const [, thread] = await send('POST', '/api/v2/threads', RICH_THREAD);
    threadId = String(thread.thread_id);
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('stream/live');
    const input = [{ type: 'text', text: richScript(`${app.scratch.root}/outside.txt`) }];
    const [, turn] = await send('POST', `/api/v2/threads/${threadId}/turns`, { input });
    turnId = String(turn.turn_id);
    const kinds = await answerAll(app, stream, turnId);
    const [, done] = await send('GET', `/api/v2/threads/${threadId}/turns/${turnId}`);
    stream.close();

    faults.push(...stream.frames.flatMap(({ data }) => checker.checkEvent(data)));
    expect([...new Set(kinds)].sort()).toEqual(
      ['command_execution', 'file_change', 'mcp_elicitation', 'permissions', 'tool_call', 'user_input'].sort(),
    );
    expect(done).toMatchObject({ status: 'completed', error: null });
    const types = (done.items as Json[]).map(({ type }) => type);
    expect([...new Set(types)].sort()).toEqual(
      [
        ...['agent_message', 'command_execution', 'dynamic_tool_call', 'file_change'],
        ...['mcp_tool_call', 'reasoning', 'user_message'],
      ].sort(),
    );
    expect(stream.names).toContain('turn/diff/updated');
  });

  it('of turns that wait, are cancelled, interrupted or fail, and of the stream of all threads', async () => {
    const all = await app.allEvents();
    await all.until('stream/live');
    const stream = await app.stream(threadId);
    await stream.until('stream/live');
    const path = `/api/v2/threads/${threadId}/turns`;
    const submit = async (text: string): Promise<string> =>
      String((await send('POST', path, { input: [{ type: 'text', text }] }))[1].turn_id);
    const running = await submit('gate: held\nsay: Never.');
    const waiting = await submit('say: Neither.');
    expect(await statusesOf([['POST', path, { input: [{ type: 'text', text: 'x' }], on_busy: 'reject' }]])).toEqual([
      ['POST', path, 409],
    ]);
    await send('POST', `${path}/${waiting}/interrupt`);
    await send('POST', `${path}/${running}/interrupt`);
    await stream.turnEnd(running);
    const failing = await submit('fail: 500 Broken.');
    expect(await stream.turnEnd(failing)).toMatchObject({ status: 'failed' });
    await all.until(({ event, data }) => event === 'turn/completed' && data.turn_id === failing);
    all.close();
    stream.close();
    expect(stream.names).toEqual(expect.arrayContaining(['turn/queued', 'turn/cancelled', 'error']));
    faults.push(...[...stream.frames, ...all.frames].flatMap(({ data }) => checker.checkEvent(data)));
  });

  it('of every list and resource, after all that', async () => {
    const thread = `/api/v2/threads/${threadId}`;
    const requests = [
      ...['', '/turns?limit=2', `/turns/${turnId}`, '/items?limit=100', '/approvals'].map((end) => thread + end),
      ...[
        '/threads?limit=1',
        '/threads/loaded',
        '/approvals',
        '/models',
        '/skills',
        '/mcp/servers',
        '/mcp/servers/desk',
      ].map((end) => `/api/v2${end}`),
      ...['/config?include_layers=true', '/config/requirements', '/auth/account', '/feedback'].map(
        (end) => `/api/v2${end}`,
      ),
      ...['/health', '/healthz', '/livez', '/readyz'],
    ].map((path) => ['GET', path] as const);
    expect(await statusesOf(requests)).toEqual(requests.map(([method, path]) => [method, path, 200]));
  });

  it('of requests that are refused', async () => {
    const thread = `/api/v2/threads/${threadId}`;
    const [, { data }] = await send('GET', `${thread}/approvals`);
    const approvalId = String((data as Json[])[0]?.approval_id);
    const requests: [string, string, number, object?][] = [
      ['GET', '/api/v2/threads/nope', 404],
      ['GET', `${thread}/turns/nope`, 404],
      ['GET', '/api/v2/threads?limit=0', 400],
      ['POST', '/api/v2/threads', 400, { unknown: 1, sandbox: 'none' }],
      ['POST', '/api/v2/threads', 403, { cwd: '/' }],
      ['POST', `${thread}/turns`, 400, { input: [] }],
      ['POST', `${thread}/approvals/${approvalId}`, 409, { decision: 'approve' }],
      ['POST', `${thread}/turns/interrupt`, 409],
      ['GET', '/api/v2/auth/rate-limits', 409],
      ['POST', '/api/v2/mcp/servers/desk/auth', 400],
      ['PUT', '/api/v2/skills/nope/config', 404, { enabled: false }],
      ['POST', '/api/v2/commands/exec', 504, { command: ['sleep', '5'], timeout_ms: 20 }],
      ['GET', '/api/v2/attachments/nope', 404],
      ['DELETE', '/api/v2/threads/nope', 404],
    ];
    const statuses = await statusesOf(requests.map(([method, path, , body]) => [method, path, body]));
    expect(statuses).toEqual(requests.map(([method, path, status]) => [method, path, status]));
    expect((await send('GET', '/api/v2/threads', undefined, 'wrong'))[0]).toBe(401);
  });
});
