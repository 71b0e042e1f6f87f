import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompletionView, toData } from '../support/chat.js';
import { Shell } from '../support/curl-walk.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

/** The line that users of the bridge at port 8000 know, word for word. */
const COZY_PUN = `curl -s http://127.0.0.1:8000/v1/chat/completions \\
  -H "Content-Type: application/json" \\
  -d '{
        "model": "gpt-5.1-codex-mini",
        "messages": [
          {"role": "system", "content": "be concise"},
          {"role": "user", "content": "tell me a cozy pun"}
        ]
      }'                             `;

const READS = ['/v1/models', '/healthz', '/api/version', '/api/tags'];

const bash = new Shell();
let app: App;

beforeAll(async () => {
  app = await App.start({
    env: { CODEX_SERVE_EXPOSE_REASONING_MODELS: 'yes' },
    args: ['--allowed-host', '127.0.0.1:8000'],
  });
  // What curl is to add to each line, as a user would write it down once: the token, and here another port.
  const port = new URL(app.url).port;
  const lines = [`header = "Authorization: Bearer ${TOKEN}"`, `connect-to = "127.0.0.1:8000:127.0.0.1:${port}"`];
  writeFileSync(join(app.scratch.root, '.curlrc'), `${lines.join('\n')}\n`);
});

afterAll(async () => {
  await app.stop();
  bash.remove();
});

const shell = async (line: string): Promise<string> => bash.bash(line, { HOME: app.scratch.root });

it('answers the line of its users, with the model that they name', async () => {
  const { id, created, choices, usage, ...rest } = JSON.parse(await shell(COZY_PUN)) as CompletionView;
  expect(rest).toEqual({ object: 'chat.completion', model: 'gpt-5.1-codex-mini', system_fingerprint: null });
  expect([typeof id, typeof created]).toEqual(['string', 'number']);
  expect(choices).toEqual([
    {
      index: 0,
      message: { role: 'assistant', content: expect.stringContaining('tell me a cozy pun') as string, refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ]);
  expect(usage).toMatchObject({
    prompt_tokens: expect.any(Number) as number,
    completion_tokens: expect.any(Number) as number,
    total_tokens: expect.any(Number) as number,
  });
  expect(app.model.requests.at(-1)?.model).toBe('gpt-5.1-codex-mini');
});

it('has all its other endpoints', async () => {
  const answers = await Promise.all(
    READS.map(async (path) => JSON.parse(await shell(`curl -s http://127.0.0.1:8000${path}`)) as Json),
  );
  const [models, health, version, tags] = answers as { data?: Json[]; models?: Json[]; [key: string]: unknown }[];
  expect(models?.data?.some(({ id }) => String(id).endsWith('-high'))).toBe(true);
  expect(health).toMatchObject({ ok: true, authenticated: true, message: expect.any(String) as string });
  expect(version).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string });
  expect(tags?.models?.length).toBe(models?.data?.length);
  const name = String(tags?.models?.[0]?.name);
  const shown = JSON.parse(
    await shell(`curl -s http://127.0.0.1:8000/api/show -H "Content-Type: application/json" -d '{"model":"${name}"}'`),
  ) as Json;
  expect(shown.capabilities).toContain('completion');
});

it('nudges towards a login in the form of the OpenAI API', async () => {
  const line = `curl -s http://127.0.0.1:8000/v1/chat/completions -H "Content-Type: application/json" -d '{"messages":[{"role":"user","content":"fail: 401 No key."}]}'`;
  expect(JSON.parse(await shell(line))).toMatchObject({
    error: { message: expect.stringContaining('codex login') as string, type: 'invalid_request_error' },
  });
});

it('runs every line of its page', async () => {
  const page = readFileSync('docs/dialects/chat.md', 'utf8');
  const lines = [...page.matchAll(/```bash\n(curl [^`]*)```/g)].map(([, line = '']) => line);
  const [whole, stream, models, show] = await Promise.all(
    lines.map((line) => bash.bash(line, { URL: app.url, TOKEN })),
  );
  expect(lines).toHaveLength(4);
  expect(JSON.parse(whole ?? '')).toMatchObject({ object: 'chat.completion' });
  expect(toData(stream ?? '').at(-1)).toBe('[DONE]');
  expect(JSON.parse(models ?? '')).toMatchObject({ object: 'list' });
  expect(JSON.parse(show ?? '')).toMatchObject({ model_info: { 'general.basename': 'gpt-5.5' } });
});
