import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toStory } from '../support/chat.js';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

/** `pi`, a coding agent that knows nothing of this server: it is given a base URL and a key, as any user would. */
const PROGRAM = fileURLToPath(new URL('../../node_modules/@mariozechner/pi-coding-agent/dist/cli.js', import.meta.url));

const NOTES = 'Buy milk.\nCall Ann.\n';

const TASK = [
  'Tick off what is done in notes.txt.',
  'say: I read the notes.',
  'call: read {"path":"notes.txt"}',
  'think: Milk was bought.',
  'call: edit {"path":"notes.txt","edits":[{"oldText":"Buy milk.","newText":"[x] Buy milk."}]}',
  'also call: write {"path":"log.txt","content":"ticked"}',
  'call: bash {"command":"cat notes.txt log.txt"}',
  'say: The milk is ticked off.',
].join('\n');

describe('a coding agent of somebody else', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  function folder(name: string): string {
    const path = join(app.scratch.root, name);
    mkdirSync(path);
    return path;
  }

  /** Where it looks for its models: one provider, of the OpenAI completions kind, which is this server. */
  function configure(home: string): void {
    const model = { id: 'scripted-model', reasoning: true, contextWindow: 100_000, maxTokens: 10_000 };
    const codex = { baseUrl: `${app.url}/v1`, api: 'openai-completions', apiKey: TOKEN, models: [model] };
    writeFileSync(join(home, 'models.json'), JSON.stringify({ providers: { codex } }));
  }

  async function run(cwd: string, home: string, task: string): Promise<{ code: number | null; output: string }> {
    const args = [
      '--print',
      '--offline',
      '--provider',
      'codex',
      '--model',
      'scripted-model',
      '--thinking',
      'high',
      task,
    ];
    const env = { PATH: app.scratch.engineEnv.PATH, HOME: home, PI_CODING_AGENT_DIR: home, PI_OFFLINE: '1' };
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  }

  it('does its whole task with its own tools, and the model behind this server', async () => {
    const [project, home] = [folder('project'), folder('pi-home')];
    writeFileSync(join(project, 'notes.txt'), NOTES);
    configure(home);
    const { code, output } = await run(project, home, TASK);
    expect([code, output.trim()]).toEqual([0, 'The milk is ticked off.']);
    expect(readFileSync(join(project, 'notes.txt'), 'utf8')).toBe('[x] Buy milk.\nCall Ann.\n');
    expect(readFileSync(join(project, 'log.txt'), 'utf8')).toBe('ticked');
    const calls = app.model.requests;
    expect(calls).toHaveLength(4);
    expect(new Set(calls.map(({ threadId }) => threadId)).size).toBe(1);
    const outputs = toStory(calls[3]!).filter((line) => line.startsWith('output'));
    expect(outputs[0]).toContain('Buy milk.');
    expect(outputs.at(-1)).toContain('[x] Buy milk.');
    expect(calls[0]?.body).toMatchObject({ reasoning: { effort: 'high' } });
  });
});
