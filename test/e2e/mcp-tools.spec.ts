import { Conversation } from '../support/conversation.js';
import { createThreadWith, logInByBrowser, startGuarded, toMcpToml } from '../support/mcp-servers.js';
import { type Program } from '../support/program.js';
import { refusal } from '../support/refusal.js';
import { type SseReader } from '../support/sse-reader.js';
import { App, type Json } from '../support/start-app.js';

const SERVERS = '/api/v2/mcp/servers';

describe('the tools of MCP servers', () => {
  let app: App;
  let guarded: Program;
  let threadId: string;
  let events: SseReader;

  beforeAll(async () => {
    guarded = await startGuarded();
    const config = `mcp_oauth_credentials_store = "file"\n${toMcpToml('every')}
[mcp_servers.guarded]\nurl = "${guarded.line}"\n[mcp_servers.missing]\ncommand = "/no/such/program"\n`;
    app = await App.start({ config });
    threadId = await createThreadWith(app, 'every');
    events = await app.allEvents();
    await events.until('stream/live');
  });

  afterAll(async () => {
    events.close();
    await app.stop();
    await guarded.stop();
  });

  const path = (server: string, tool: string): string => `${SERVERS}/${server}/tools/${tool}`;

  async function call(tool: string, input: Json): Promise<Json> {
    const body = { thread_id: threadId, arguments: input };
    return (await app.post(path('every', tool), body).expect(200)).body as Json;
  }

  it('are called, and answer as the protocol says', async () => {
    expect(await call('echo', { message: 'hi' })).toEqual({ content: [{ type: 'text', text: 'Echo: hi' }] });
    const structured = await call('get-structured-content', { location: 'Chicago' });
    expect(structured).toMatchObject({ structured_content: { temperature: expect.any(Number) as number } });
    expect(await call('get-tiny-image', {})).toMatchObject({
      content: [{ type: 'text' }, { type: 'image', mimeType: 'image/png' }, { type: 'text' }],
    });
  });

  it('say by themselves that they failed', async () => {
    const failed = await call('get-sum', { a: 'x' });
    expect(failed).toMatchObject({ is_error: true, content: [{ type: 'text' }] });
  });

  it('are not found when there is no such tool, server or thread', async () => {
    const body = { thread_id: threadId, arguments: {} };
    const missing = { status: 404, code: 'not_found', paths: [] };
    expect(await refusal(app.post(path('every', 'nothing'), body))).toEqual(missing);
    expect(await refusal(app.post(path('nobody', 'echo'), body))).toEqual(missing);
    const nowhere = { ...body, thread_id: '01999999-0000-7000-8000-000000000000' };
    const noThread = { status: 404, code: 'thread_not_found', paths: [] };
    expect(await refusal(app.post(path('every', 'echo'), nowhere))).toEqual(noThread);
  });

  it.each<[string, Json, string[]]>([
    ['no thread', {}, ['thread_id']],
    ['arguments that are no object', { thread_id: 'x', arguments: [] }, ['arguments']],
    ['an unknown field', { thread_id: 'x', args: {} }, ['args']],
  ])('are refused a call with %s', async (_, body, paths) => {
    const answer = await refusal(app.post(path('every', 'echo'), body));
    expect(answer).toEqual({ status: 400, code: 'invalid_request', paths });
  });

  it('of a server that does not start fail as such', async () => {
    const answer = await refusal(app.post(path('missing', 'echo'), { thread_id: threadId }));
    expect(answer).toMatchObject({ status: 502, code: 'engine_error' });
  });

  it('are called within a turn, with events of their progress', async () => {
    const script = 'mcp: every trigger_long_running_operation {"duration": 0.2, "steps": 2}\nsay: Went on.';
    const talk = await Conversation.continue(app, threadId, script);
    const { items, questions } = await talk.end();
    const done = items.find(({ type }) => type === 'mcp_tool_call');
    expect(done).toMatchObject({
      server: 'every',
      tool: 'trigger-long-running-operation',
      status: 'completed',
      arguments: { duration: 0.2, steps: 2 },
      result: { content: [{ type: 'text', text: expect.stringContaining('completed') as string }] },
    });
    // A tool that only reads is not asked about.
    expect(questions).toBe(0);
    const started = talk.stream.frames.find(({ event, data }) => {
      return event === 'item/started' && (data.item as Json).type === 'mcp_tool_call';
    });
    expect(started?.data.item).toMatchObject({ id: done?.id, status: 'in_progress' });
    const progress = talk.stream.frames.filter(({ event }) => event === 'item/mcpToolCall/progress');
    expect(progress.every(({ data }) => data.item_id === done?.id)).toBe(true);
  });

  it('that want a login say so, and are there after it', async () => {
    const body = { thread_id: threadId };
    expect(await refusal(app.post(path('guarded', 'whoami'), body))).toMatchObject({
      status: 409,
      code: 'not_logged_in',
    });
    const before = (await app.get(`${SERVERS}/guarded`).expect(200)).body as { status: Json };
    expect(before.status).toMatchObject({ auth_status: 'not_logged_in', tools: {} });

    const from = events.frames.length;
    const started = await app.post(`${SERVERS}/guarded/auth`).expect(200);
    const { auth_url: authUrl } = started.body as { auth_url: string };
    expect(await logInByBrowser(authUrl, 'ada')).toContain('Authentication complete');
    const completed = await events.until('mcpServer/oauthLogin/completed', from);
    expect(completed.data).toMatchObject({ name: 'guarded', success: true });

    const after = (await app.get(`${SERVERS}/guarded`).expect(200)).body as { status: { tools: Json } & Json };
    expect(after.status).toMatchObject({ auth_status: 'oauth' });
    expect(Object.keys(after.status.tools)).toEqual(['whoami']);
    const whoami = await app.post(path('guarded', 'whoami'), { thread_id: await app.createThread() }).expect(200);
    expect(whoami.body).toEqual({ content: [{ type: 'text', text: 'ada' }] });
  });

  it('of a server that knows no login have none to begin', async () => {
    expect(await refusal(app.post(`${SERVERS}/every/auth`))).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(await refusal(app.post(`${SERVERS}/nobody/auth`))).toMatchObject({ status: 404, code: 'not_found' });
  });
});
