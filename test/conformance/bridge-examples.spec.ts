import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Shell } from '../support/curl-walk.js';
import { App, type Json } from '../support/start-app.js';
import { TokenProxy } from '../support/token-proxy.js';

const PORT = 8000;

/**
 * What users of a REST bridge with `/api/thread/*` know, word for word, in three languages. The address is of this machine,
 * and knows of no token: a proxy on that port adds it. Only the folder is another one.
 */
const CURL = String.raw`# 1. Create a new thread
THREAD_ID=$(curl -s -X POST http://localhost:8000/api/thread/start \
  -H "Content-Type: application/json" \
  -d '{"cwd": "/workspace"}' | jq -r '.thread.id')

echo "Thread ID: $THREAD_ID"

# 2. Send a message
curl -X POST http://localhost:8000/api/turn/start \
  -H "Content-Type: application/json" \
  -d "{
    \"threadId\": \"$THREAD_ID\",
    \"input\": [{
      \"type\": \"text\",
      \"text\": \"Write a hello world program in Python\"
    }]
  }"

# 3. Continue the conversation
curl -X POST http://localhost:8000/api/turn/start \
  -H "Content-Type: application/json" \
  -d "{
    \"threadId\": \"$THREAD_ID\",
    \"input\": [{
      \"type\": \"text\",
      \"text\": \"Now add a function to greet a specific name\"
    }]
  }"

# 4. Read thread history
curl -X POST http://localhost:8000/api/thread/read \
  -H "Content-Type: application/json" \
  -d "{
    \"threadId\": \"$THREAD_ID\",
    \"includeTurns\": true
  }"
`;

const PYTHON = `import requests

BASE_URL = "http://localhost:8000"

# Create thread
response = requests.post(f"{BASE_URL}/api/thread/start", json={
    "cwd": "/workspace"
})
thread_id = response.json()["thread"]["id"]
print(f"Created thread: {thread_id}")

# Send message
response = requests.post(f"{BASE_URL}/api/turn/start", json={
    "threadId": thread_id,
    "input": [{"type": "text", "text": "Hello, what can you do?"}]
})
turn = response.json()["turn"]
print(f"Turn status: {turn['status']}")
print(f"Response items: {turn['items']}")
`;

const JAVASCRIPT = `const BASE_URL = 'http://localhost:8000';

async function chat(message) {
  // Create thread
  const threadRes = await fetch(\`\${BASE_URL}/api/thread/start\`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ cwd: '/workspace' })
  });
  const { thread } = await threadRes.json();

  // Send message
  const turnRes = await fetch(\`\${BASE_URL}/api/turn/start\`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      threadId: thread.id,
      input: [{ type: 'text', text: message }]
    })
  });
  const { turn } = await turnRes.json();

  return turn;
}

// Usage
chat('Write a function to calculate factorial').then(console.log);
`;

const HEALTH = 'curl http://localhost:8000/health';

/** Requests that are shown by their bodies alone. */
const BODIES: readonly (readonly [path: string, body: Json])[] = [
  ['/api/thread/resume', {}],
  ['/api/thread/read', { includeTurns: true }],
  ['/api/thread/fork', {}],
];

const bash = new Shell();
let app: App;
let proxy: TokenProxy;

beforeAll(async () => {
  app = await App.start({ env: { HEALTH_STATUS: 'healthy', HOME: '/var/empty' } });
  proxy = await TokenProxy.start(PORT, app.url);
});

afterAll(async () => {
  await proxy.stop();
  await app.stop();
  bash.remove();
});

const here = (text: string): string =>
  text
    .replaceAll(`localhost:${String(PORT)}`, `localhost:${String(proxy.port)}`)
    .replaceAll('/workspace', app.scratch.workspace);

async function runFile(program: string, name: string, text: string): Promise<string> {
  const path = join(app.scratch.root, name);
  writeFileSync(path, here(text));
  return bash.bash(`"${program}" "${path}"`, {});
}

it('the whole conversation goes through with curl', async () => {
  const [head = '', ...answers] = (await bash.bash(here(CURL), {})).split(/\n|(?<=\})(?=\{)/);
  const [first, second, history] = answers.filter((line) => line !== '').map((line) => JSON.parse(line) as Json);
  const threadId = head.replace('Thread ID: ', '');
  const turns = [first, second].map((answer) => answer?.turn as { status: string; items: Json[] });
  expect(turns.map(({ status }) => status)).toEqual(['completed', 'completed']);
  expect(turns.map(({ items }) => items.at(-1)?.type)).toEqual(['agentMessage', 'agentMessage']);
  expect(history?.thread).toMatchObject({ id: threadId, preview: 'Write a hello world program in Python', turns });
});

// Not every Python has the package that the example takes.
const hasRequests = spawnSync('python3', ['-c', 'import requests']).status === 0;
(hasRequests ? it : it.skip)('the Python client gets its turn', async () => {
  const lines = (await runFile('python3', 'client.py', PYTHON)).split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^Created thread: [0-9a-f-]{36}$/) as string,
    'Turn status: completed',
    expect.stringMatching(/^Response items: \[\{.*'type': 'agentMessage'.*\}\]$/) as string,
    '',
  ]);
});

it('the JavaScript client gets its turn', async () => {
  const printed = await runFile(process.execPath, 'client.mjs', JAVASCRIPT);
  expect(printed).toMatch(/status: 'completed'/);
  expect(printed).toMatch(/type: 'agentMessage'/);
});

it('threads are resumed, read and forked with the bodies that are shown', async () => {
  const started = await app.post('/api/thread/start', { cwd: app.scratch.workspace, approvalPolicy: 'never' });
  const { thread } = started.body as { thread: { id: string; preview: string; createdAt: number } };
  expect(thread).toMatchObject({ preview: '', createdAt: expect.any(Number) as number });
  const input = [{ type: 'text', text: 'Hello, can you help me write a Python function?' }];
  await app.post('/api/turn/start', { threadId: thread.id, input }).expect(200);
  for (const [path, body] of BODIES) {
    const answer = await app.post(path, { threadId: thread.id, ...body }).expect(200);
    expect((answer.body as { thread: { turns: Json[] } }).thread.turns).toHaveLength(1);
  }
});

it('skills are listed, and one that is not there is told', async () => {
  const listed = await app.post('/api/skills/list', {}).expect(200);
  expect(listed.body).toEqual({ data: [expect.objectContaining({ cwd: app.scratch.workspace })] });
  await app.post('/api/skills/config/write', { path: '/path/to/skill', enabled: true }).expect(404);
});

it('tells that it is healthy, and shows its documentation', async () => {
  expect(JSON.parse(await bash.bash(here(HEALTH), {}))).toEqual({ status: 'healthy' });
  for (const page of ['/docs', '/redoc']) {
    expect((await fetch(`${app.url}${page}`)).status).toBe(200);
  }
});
