import { fileURLToPath } from 'node:url';
import { createThreadWith } from '../support/mcp-servers.js';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

const SERVER = fileURLToPath(new URL('../support/failing-mcp-server.mjs', import.meta.url));

let app: App;
let threadId: string;

beforeAll(async () => {
  const config = `[mcp_servers.f]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(SERVER)}]\n`;
  app = await App.start({ config });
  threadId = await createThreadWith(app, 'f');
});

afterAll(async () => {
  await app.stop();
});

describe('the words of a tool that fails', () => {
  it.each([
    'No device attached',
    'Discord thread not found',
    'thread not found: 00000000-0000-4000-8000-000000000000',
    'no rollout found for thread id 1',
    'turn not found',
    'The article was forked, referenced by others',
    'no active turn to interrupt',
    'this user already has an active writer',
    'rollout at /a/b is empty',
    'tool server not found in /etc/hosts.d/list',
    'failed to load configuration: config.toml:1:1: nothing',
    'MCP startup failed: Auth required',
    'Server overloaded; retry later.',
    'failed to spawn command: ls',
    'No MCP server named x found.',
  ])('"%s" come through as they are, and mean nothing else', async (message) => {
    const body = { thread_id: threadId, arguments: { message } };
    const answer = await app.post('/api/v2/mcp/servers/f/tools/fail', body);
    const { code, detail } = answer.body as Json;
    expect([answer.status, code]).toEqual([502, 'engine_error']);
    expect(detail).toContain(message);
  });

  it('are no reason to call it again, whatever its code', async () => {
    const body = { thread_id: threadId, arguments: { message: 'once', code: -32001 } };
    const answer = await app.post('/api/v2/mcp/servers/f/tools/fail', body);
    expect([answer.status, (answer.body as Json).detail]).toEqual([502, 'The tool failed: once']);
    const { content } = (await app.post('/api/v2/mcp/servers/f/tools/count', { thread_id: threadId }).expect(200))
      .body as {
      content: unknown;
    };
    expect(content).toEqual([{ type: 'text', text: '1' }]);
  });

  it('are told from what the engine says of a name that a caller chose', async () => {
    const odd = { model_provider: 'forked attached thread not found' };
    const answer = await app.post('/api/v2/threads', odd);
    expect([answer.status, (answer.body as Json).code]).toEqual([400, 'invalid_request']);
    const named = await refusal(app.post('/api/v2/mcp/servers/thread%20not%20found/tools/x', { thread_id: threadId }));
    expect(named).toMatchObject({ status: 404, code: 'not_found' });
  });
});
