import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Codex } from '@openai/codex-sdk';
import { requireEngineBinary } from '../../src/codex/engine-binary.js';
import { readBlocks } from '../support/documents.js';
import { TOKEN } from '../support/server-process.js';
import { App, type Json } from '../support/start-app.js';

const BINARY = requireEngineBinary();
const KEY = 'CODEX_SERVER_TOKEN';

const DOCUMENT = 'docs/dialects/responses.md';

/** As the document says it, with another address, and without the retries that hide a failure. */
function provider(url: string, model: string): string {
  const block = readBlocks(DOCUMENT).find(({ language }) => language === 'toml');
  const text = (block?.text ?? '').replace('http://127.0.0.1:3000', url);
  expect(text).toContain(`${url}/v1`);
  return `model = "${model}"\n${text}\nrequest_max_retries = 0\nstream_max_retries = 0\n`;
}

/** Another Codex, of which this server is the model provider: what it is asked to run, it runs itself. */
describe('Codex as a client', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });
  afterAll(() => app.stop());

  function folders(name: string, model: string): { home: string; workspace: string } {
    const home = join(app.scratch.root, `${name}-home`);
    const workspace = join(app.scratch.root, `${name}-work`);
    mkdirSync(home);
    mkdirSync(workspace);
    writeFileSync(join(home, 'config.toml'), provider(app.url, model));
    return { home, workspace };
  }

  async function exec(cwd: string, home: string, task: string): Promise<{ code: number | null; events: Json[] }> {
    const args = ['exec', '--json', '--skip-git-repo-check', '--sandbox', 'workspace-write', task];
    const env = toEnv(home);
    const child = spawn(BINARY, args, { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return {
      code,
      events: output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Json),
    };
  }

  const saidIn = (events: readonly Json[]): unknown[] =>
    events
      .map(({ item }) => item as Json | undefined)
      .filter((item) => item?.type === 'agent_message')
      .map((item) => item?.text);

  it('runs its own shell and its own patches, and is told the end', async () => {
    const { home, workspace } = folders('plain', 'gpt-5.5');
    const task = [
      'call: caller__exec_command {"cmd":"echo made > made.txt && cat made.txt"}',
      'call: caller__apply_patch {"input":"*** Begin Patch\\n*** Add File: patched.txt\\n+hello\\n*** End Patch\\n"}',
      'say: All done.',
    ].join('\n');
    const { code, events } = await exec(workspace, home, task);
    expect([code, saidIn(events)]).toEqual([0, ['All done.']]);
    expect(readFileSync(join(workspace, 'made.txt'), 'utf8')).toBe('made\n');
    expect(readFileSync(join(workspace, 'patched.txt'), 'utf8')).toBe('hello\n');
    // Nothing of it happened on the side of the server.
    expect(existsSync(join(app.scratch.workspace, 'made.txt'))).toBe(false);
    const outputs = (app.model.requests.at(-1)?.body.input as Json[]).filter(
      ({ type }) => type === 'function_call_output',
    );
    expect(outputs.map(({ output }) => JSON.stringify(output))).toEqual([
      expect.stringContaining('made') as string,
      expect.stringContaining('patched.txt') as string,
    ]);
    const { data } = (await app.get('/api/v2/threads').expect(200)).body as { data: Json[] };
    expect(data).toEqual([]);
  });

  it('gives its tools within the input where its model is a newer one', async () => {
    const { home, workspace } = folders('newer', 'gpt-6.1-sol');
    const code = 'const r = await tools.exec_command({cmd: "echo made > made.txt"}); text(r.output);';
    const task = `call: functions__exec ${JSON.stringify({ input: code })}\nsay: All done.`;
    const { code: exit, events } = await exec(workspace, home, task);
    expect([exit, saidIn(events)]).toEqual([0, ['All done.']]);
    expect(readFileSync(join(workspace, 'made.txt'), 'utf8')).toBe('made\n');
  });

  it('says what the provider of the model said', async () => {
    const { home, workspace } = folders('failing', 'gpt-5.5');
    const { code, events } = await exec(workspace, home, 'fail: response context_length_exceeded Too long.');
    expect(code).toBe(1);
    expect(JSON.stringify(events)).toContain('context window');
  });

  it('is driven by its own SDK', async () => {
    const { home, workspace } = folders('sdk', 'gpt-5.5');
    const codex = new Codex({ codexPathOverride: BINARY, env: toEnv(home) });
    const thread = codex.startThread({
      workingDirectory: workspace,
      skipGitRepoCheck: true,
      sandboxMode: 'workspace-write',
    });
    const turn = await thread.run('call: caller__exec_command {"cmd":"echo sdk > sdk.txt"}\nsay: Written.');
    expect(turn.finalResponse).toBe('Written.');
    expect(readFileSync(join(workspace, 'sdk.txt'), 'utf8')).toBe('sdk\n');
    expect((await thread.run('say: And again.')).finalResponse).toBe('And again.');
  });
});

/** Nothing of the test's own surroundings. */
function toEnv(home: string): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, CODEX_HOME: home, [KEY]: TOKEN };
}
