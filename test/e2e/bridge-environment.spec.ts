import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScriptedModel } from '../../src/demo/scripted-model/scripted-model.js';
import { App, type Json } from '../support/start-app.js';

const KEY = 'sk-bridge-0123456789';

let proxy: ScriptedModel;
let app: App;
let configBefore: string;

beforeAll(async () => {
  proxy = await ScriptedModel.start();
  app = await App.start({
    env: {
      HOME: '/var/empty',
      LOG_LEVEL: 'debug',
      CODEX_MODEL_PROVIDER: 'cliproxyapi',
      CODEX_MODEL: 'my-model',
      CODEX_MODEL_REASONING_EFFORT: 'high',
      CODEX_API_BASE_URL: proxy.baseUrl,
      CODEX_API_KEY: KEY,
      CODEX_CLIENT_NAME: 'my-bridge',
      CODEX_REQUEST_TIMEOUT: '60',
    },
  });
  configBefore = readFileSync(config(), 'utf8');
});

afterAll(async () => {
  await app.stop();
  await proxy.close();
});

const config = (): string => join(app.scratch.codexHome, 'config.toml');

async function start(options: object = {}): Promise<Json & { thread: { id: string } }> {
  const answer = await app.post('/api/thread/start', options).expect(200);
  return answer.body as Json & { thread: { id: string } };
}

async function run(threadId: string, text: string): Promise<{ status: string; items: Json[] }> {
  const answer = await app.post('/api/turn/start', { threadId, input: [{ type: 'text', text }] }).expect(200);
  return (answer.body as { turn: { status: string; items: Json[] } }).turn;
}

it('sends turns to the provider that the environment describes, with its model, effort, key and name', async () => {
  const { thread, ...rest } = await start();
  expect(rest).toMatchObject({ model: 'my-model', modelProvider: 'cliproxyapi', reasoningEffort: 'high' });
  expect(await run(thread.id, 'say: Through the proxy.')).toMatchObject({ status: 'completed' });
  const request = proxy.requests.at(-1);
  expect(request?.body).toMatchObject({ model: 'my-model', reasoning: { effort: 'high' } });
  expect(request?.headers.authorization).toBe(`Bearer ${KEY}`);
  expect(String(request?.headers['user-agent'])).toContain('my-bridge');
  expect(app.model.requests).toEqual([]);
});

it('tells the key to nobody else: not to commands, processes, answers or the log', async () => {
  const { thread } = await start({ sandbox: 'workspace-write' });
  const { items } = await run(thread.id, 'run: cat /dev/null; echo "key=[$CODEX_API_KEY]"');
  expect(JSON.stringify(items)).toContain('key=[]');
  const answers = await Promise.all([app.get('/api/v2/config'), app.get(`/api/v2/threads/${thread.id}/turns`)]);
  expect(answers.filter(({ text }) => text.includes(KEY))).toEqual([]);
  const processes = execFileSync('ps', ['-ww', '-eo', 'pid,args'], { encoding: 'utf8' });
  expect(processes).toContain(String(app.server.pid));
  expect(processes).not.toContain(KEY);
  expect(app.server.output).toContain(`base url         ${proxy.baseUrl}`);
  expect(app.server.output).not.toContain(KEY);
});

it("leaves the user's file as it is", () => {
  expect(readFileSync(config(), 'utf8')).toBe(configBefore);
});
