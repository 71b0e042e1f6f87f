import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from '../support/reverse-proxy.js';
import { TOKEN } from '../support/server-process.js';
import { App } from '../support/start-app.js';

const PACKAGE = fileURLToPath(new URL('../../clients/python/', import.meta.url));
const run = promisify(execFile);

describe('the Python client', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  const python = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    run('python3', ['-B', ...args], {
      cwd: PACKAGE,
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        CODEX_AUTH_TOKEN: TOKEN,
        CODEX_TEST_URL: app.url,
        CODEX_TEST_WORKSPACE: app.scratch.workspace,
      },
    });

  it('passes its own tests against the server', async () => {
    const { stderr } = await python('-m', 'unittest', 'discover', '-s', 'tests', '-t', '.');
    expect(stderr).toMatch(/Ran \d+ tests[^]*\nOK\n/);
  });

  it('runs the examples of its README', async () => {
    const readme = readFileSync(`${PACKAGE}README.md`, 'utf8');
    const examples = [...readme.matchAll(/```python\n([^]*?)```/g)].map(([, code = '']) => code);
    expect(examples.length).toBeGreaterThan(1);
    const program = examples.join('\n').replaceAll('http://localhost:3000', app.url);
    const { stdout } = await python('-c', program);
    expect(stdout).toContain('completed');
  });

  // mypy is no package of npm's.
  (findProgram('mypy') === undefined ? it.skip : it)('is typed, strictly', async () => {
    const { stdout } = await run(findProgram('mypy')!, ['--cache-dir', '/dev/null'], { cwd: PACKAGE });
    expect(stdout).toContain('Success');
  });

  it('runs what was written for the server before this one', async () => {
    const [, example = ''] = /```python\n([^]*?)```/.exec(readFileSync('MIGRATION.md', 'utf8')) ?? [];
    await python('-c', example.replaceAll('http://localhost:3000', app.url));
    const threads = await app.get('/api/v2/threads?limit=1').expect(200);
    const [thread] = (threads.body as { data: { thread_id: string; model: string }[] }).data;
    const turns = await app.get(`/api/v2/threads/${thread!.thread_id}/turns`).expect(200);
    expect([thread!.model, turns.body]).toMatchObject([
      'claude-sonnet-4-5',
      { data: [{ input: [{ type: 'text', text: 'Hello!' }] }] },
    ]);
  });
});
