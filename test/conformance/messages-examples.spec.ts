import { Shell } from '../support/curl-walk.js';
import { App, type Json } from '../support/start-app.js';
import { TokenProxy } from '../support/token-proxy.js';

const PORT = 8081;

/**
 * Lines that users of a `POST /messages` server know, word for word. Their addresses are of this machine, and know of no
 * token: a proxy on that port adds it. Only the folder is another one.
 */
const BASIC = `curl -N -X POST http://localhost:8081/messages \\
  -H "Content-Type: application/json" \\
  -d '{"type":"user_message","message":"Hello, can you help me?"}'`;
const IN_A_FOLDER = `curl -N -X POST http://localhost:8081/messages \\
  -H "Content-Type: application/json" \\
  -d '{"type":"user_message","message":"List files","work_dir":"/path/to/project"}'`;
const SUM = `curl -N -X POST http://localhost:8081/messages \\
  -H "Content-Type: application/json" \\
  -d '{"type":"user_message","message":"What is 2+2?"}'`;
const HEALTH = 'curl http://localhost:8081/health';

const bash = new Shell();
let app: App;
let proxy: TokenProxy;

beforeAll(async () => {
  app = await App.start();
  proxy = await TokenProxy.start(PORT, app.url);
});

afterAll(async () => {
  await proxy.stop();
  await app.stop();
  bash.remove();
});

async function shell(line: string): Promise<string> {
  const here = line
    .replace(`localhost:${String(PORT)}`, `localhost:${String(proxy.port)}`)
    .replace('/path/to/project', app.scratch.workspace);
  return bash.bash(here, {});
}

async function stream(line: string): Promise<Json[]> {
  const lines = (await shell(line)).split('\n').filter((text) => text.startsWith('data: '));
  return lines.map((text) => JSON.parse(text.slice('data: '.length)) as Json);
}

it.each([
  ['a message', BASIC],
  ['a question', SUM],
])('streams the events of a session for %s', async (_, line) => {
  const events = await stream(line);
  expect(events[0]).toMatchObject({ type: 'session_configured', session_id: expect.any(String) as string });
  const types = events.map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(['task_started', 'agent_message_delta', 'agent_message']));
  expect(types.at(-1)).toBe('task_complete');
});

it('makes each request a session of its own', async () => {
  const ids = await Promise.all([stream(BASIC), stream(BASIC)]);
  const [one, other] = ids.map(([first]) => first?.session_id);
  expect(one).not.toBe(other);
});

it('works in the folder that is named', async () => {
  const [configured, ...events] = await stream(IN_A_FOLDER);
  expect(configured?.cwd).toBe(app.scratch.workspace);
  expect(events.at(-1)?.type).toBe('task_complete');
});

it('tells that it is well', async () => {
  expect(JSON.parse(await shell(HEALTH))).toEqual({ status: 'ok' });
});
