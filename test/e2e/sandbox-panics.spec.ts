import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type Json } from '../support/start-app.js';

const LANDLOCK = { 'features.use_legacy_landlock': true };

describe('what makes the sandbox of the engine end in a panic', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start({ config: '[features]\nuse_legacy_landlock = true', args: ['--allow-config-admin'] });
  });

  afterAll(async () => {
    await app.stop();
  });

  it('is left out where config.toml has it, which is told at the start', async () => {
    const answer = await app.post('/api/v2/commands/exec', { command: ['echo', 'works'] }).expect(200);
    const { items } = await app.runTurn(await app.createThread(), 'run: echo works too\nsay: Done.');
    expect([
      (answer.body as Json).stdout,
      items.find(({ type }) => type === 'command_execution')?.aggregated_output,
    ]).toEqual(['works\n', 'works too\n']);
    expect(app.server.output).toContain('use_legacy_landlock is left out');
  });

  it('is refused before anything is sent, at every door that takes a configuration', async () => {
    const threadId = await app.createThread();
    const asked = [
      app.post('/api/v2/threads', { config: LANDLOCK }),
      app.post('/api/v2/threads', { config: { features: { use_legacy_landlock: true } } }),
      app.post(`/api/v2/threads/${threadId}/resume`, { config: LANDLOCK }),
      app.post(`/api/v2/threads/${threadId}/fork`, { config: LANDLOCK }),
      app.post('/api/thread/start', { config: LANDLOCK }),
      app.patch('/api/v2/config', { edits: [{ key_path: 'features.use_legacy_landlock', value: true }] }),
    ];
    const answers = (await Promise.all(asked)).map(({ status, body }) => [status, (body as Json).code]);
    expect(answers).toEqual(asked.map(() => [422, 'unprocessable']));
  });

  it('is told as a fault of the request, without the words of the engine', async () => {
    const file = join(app.scratch.workspace, 'file');
    writeFileSync(file, '');
    const write = { type: 'workspace_write', exclude_slash_tmp: true };
    const asked = [
      [400, { sandbox_policy: { ...write, exclude_tmpdir_env_var: true, writable_roots: [file] } }],
      [422, { sandbox_policy: write, env: { TMPDIR: 'relative' } }],
    ] as const;
    for (const [status, more] of asked) {
      const answer = await app.post('/api/v2/commands/exec', { command: ['echo'], ...more });
      expect([answer.status, answer.text]).toEqual([status, expect.not.stringMatching(/panicked|linux-sandbox|RUST/)]);
    }
  });

  it('is left to programs that panic of their own accord', async () => {
    const script = 'echo "thread \'main\' (1) panicked at src/main.rs:1:1:" >&2; exit 101';
    const answer = await app.post('/api/v2/commands/exec', { command: ['sh', '-c', script] }).expect(200);
    expect(answer.body).toMatchObject({ exit_code: 101, stderr: expect.stringContaining('panicked') as string });
  });
});
