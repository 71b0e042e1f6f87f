import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Shell } from '../support/curl-walk.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

/** The lines that users of the Rust web server at port 3000 know, word for word. */
const CREATE_AND_SUBMIT = `# Create thread
THREAD_ID=$(curl -X POST http://localhost:3000/api/v2/threads \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"claude-sonnet-4-5"}' | jq -r '.thread_id')

# Subscribe to events (in background)
curl -N http://localhost:3000/api/v2/threads/$THREAD_ID/events \\
  -H "Authorization: Bearer $TOKEN" &

# Submit turn
curl -X POST http://localhost:3000/api/v2/threads/$THREAD_ID/turns \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"input":[{"type":"text","text":"Hello, Codex!"}]}'`;
const RESUME = `curl -X POST http://localhost:3000/api/v2/threads/$THREAD_ID/resume \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{}'`;
const FEEDBACK = `curl -X POST http://localhost:3000/api/v2/feedback \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{
    "classification": "good_result",
    "reason": "Great response!",
    "thread_id": "'$THREAD_ID'",
    "include_logs": false
  }'`;
const MCP = `curl http://localhost:3000/api/v2/mcp/servers?limit=20 \\
  -H "Authorization: Bearer $TOKEN"`;

/** Of the server's 31 endpoints, those that the page lists, and what an empty request to each must not be: unknown. */
const ENDPOINTS = [
  ...[
    'POST /threads',
    'GET /threads',
    'POST /threads/:id/resume',
    'POST /threads/:id/fork',
    'POST /threads/:id/archive',
  ],
  ...['POST /threads/:id/rollback', 'POST /threads/:id/turns', 'POST /threads/:id/turns/interrupt'],
  ...['GET /threads/:id/events', 'GET /mcp/servers', 'POST /mcp/servers/refresh', 'POST /mcp/servers/:name/auth'],
  ...['GET /config', 'PUT /config', 'PATCH /config', 'POST /feedback', 'POST /threads/:id/approvals/:approval_id'],
];

const bash = new Shell();
let app: App;
let threadId = '';

beforeAll(async () => {
  app = await App.start({ args: ['--allowed-host', 'localhost:3000'] });
  const port = new URL(app.url).port;
  writeFileSync(join(app.scratch.root, '.curlrc'), `connect-to = "localhost:3000:127.0.0.1:${port}"\nsilent\n`);
});

afterAll(async () => {
  await app.stop();
  bash.remove();
});

const shell = (script: string): Promise<string> =>
  bash.bash(script, { HOME: app.scratch.root, TOKEN, THREAD_ID: threadId });

it('creates a thread, follows it and submits a turn', async () => {
  // The stream has no end: it is left once the turn has one.
  const text = await shell(`${CREATE_AND_SUBMIT} > "$HOME/turn.json"
until curl http://localhost:3000/api/v2/threads/$THREAD_ID/turns -H "Authorization: Bearer $TOKEN" | jq -e '.data[0].status == "completed"' > /dev/null; do :; done
kill %1
echo; echo "thread $THREAD_ID"; cat "$HOME/turn.json"`);
  threadId = /^thread (\S+)$/m.exec(text)?.[1] ?? '';
  const turn = JSON.parse(text.slice(text.lastIndexOf('\n{'))) as Json;
  expect(turn).toMatchObject({ thread_id: threadId, input: [{ type: 'text', text: 'Hello, Codex!' }] });
  expect(text).toContain('event: stream/opened');
  const thread = await app.get(`/api/v2/threads/${threadId}`).expect(200);
  expect(thread.body).toMatchObject({ thread_id: threadId, model: 'claude-sonnet-4-5' });
});

it('resumes the thread, takes feedback on it, and lists MCP servers', async () => {
  expect(JSON.parse(await shell(RESUME))).toMatchObject({ thread_id: threadId });
  expect(JSON.parse(await shell(FEEDBACK))).toMatchObject({ thread_id: threadId });
  expect(JSON.parse(await shell(MCP))).toMatchObject({ data: [], next_cursor: null });
});

it('has every endpoint that its users know', async () => {
  const documented = Object.entries(
    ((await app.get('/openapi.json').expect(200)).body as { paths: Record<string, object> }).paths,
  ).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
  const known = new Set(documented.map((name) => name.replaceAll(/\{\w+\}/g, '{}')));
  const wanted = ENDPOINTS.map((name) => name.replace(' ', ' /api/v2').replaceAll(/:\w+/g, '{}'));
  expect(wanted.filter((name) => !known.has(name))).toEqual([]);
});
