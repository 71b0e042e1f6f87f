import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Shell } from '../support/curl-walk.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

/** The lines that users of the HTTP server at port 8080 know, word for word. */
const BASIC = `curl -X POST http://127.0.0.1:8080/v1/responses \\
  -H "Content-Type: application/json" \\
  -d '{"input": "Hello, can you help me with a coding task?"}'`;
const WITH_INSTRUCTIONS = `curl -X POST http://127.0.0.1:8080/v1/responses \\
  -H "Content-Type: application/json" \\
  -d '{
    "input": "Create a Python function to calculate fibonacci numbers",
    "instructions": "Use recursive approach and add comments",
    "store": true
  }'`;
const HEALTH = 'curl -X POST http://127.0.0.1:8080/health';

const bash = new Shell();
let app: App;

beforeAll(async () => {
  app = await App.start({ args: ['--allowed-host', '127.0.0.1:8080'] });
  const port = new URL(app.url).port;
  // What curl is to add to each line, as a user would write it down once: the token, and here another port.
  const lines = [
    `header = "Authorization: Bearer ${TOKEN}"`,
    `connect-to = "127.0.0.1:8080:127.0.0.1:${port}"`,
    'silent',
  ];
  writeFileSync(join(app.scratch.root, '.curlrc'), `${lines.join('\n')}\n`);
});

afterAll(async () => {
  await app.stop();
  bash.remove();
});

const shell = async (line: string): Promise<Json> =>
  JSON.parse(await bash.bash(line, { HOME: app.scratch.root })) as Json;

it('answers a question, and goes on from the answer', async () => {
  const first = await shell(BASIC);
  expect(first).toMatchObject({ object: 'response', status: 'completed', error: null });
  const [message] = first.output as { type: string; content: { text: string }[] }[];
  expect(message).toMatchObject({ type: 'message', role: 'assistant' });
  expect(message?.content[0]?.text).toContain('can you help me with a coding task');
  const body = JSON.stringify({ input: 'Go on.', previous_response_id: first.id });
  const next = await shell(BASIC.replace(/'\{.*\}'/, `'${body}'`));
  expect(next).toMatchObject({ status: 'completed', previous_response_id: first.id });
});

it('takes instructions, and stores what it is told to', async () => {
  const stored = await shell(WITH_INSTRUCTIONS);
  expect(stored).toMatchObject({
    status: 'completed',
    instructions: 'Use recursive approach and add comments',
    store: true,
  });
  expect(JSON.stringify(app.model.requests.at(-1)?.body)).toContain('Use recursive approach and add comments');
  const again = await shell(`curl http://127.0.0.1:8080/v1/responses/${String(stored.id)}`);
  expect(again).toEqual(stored);
});

it('streams when it is asked to', async () => {
  const line = BASIC.replace('{"input"', '{"stream": true, "input"');
  const text = await bash.bash(line, { HOME: app.scratch.root });
  expect(text).toMatch(/^event: response\.created\n/);
  expect(text).toMatch(/event: response\.completed\n[^]*data: \[DONE\]\n\n$/);
});

it('is healthy in the words of old', async () => {
  expect(await shell(HEALTH)).toEqual({ status: 'healthy', service: 'codex-http-server' });
});
