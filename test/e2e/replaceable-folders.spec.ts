import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Test } from 'supertest';
import { App, type Json } from '../support/start-app.js';

const WRITES = { sandbox: 'workspace-write' };

const bodyOf = async (answer: Test): Promise<Json> => (await answer).body as Json;

/** Who may write where the Codex home lies could put another one in its place. */
describe('a folder by which the Codex home or the data directory could be replaced', () => {
  let app: App;
  let root: string;
  let home: string;

  beforeAll(async () => {
    app = await App.start();
    await app.terminate();
    root = app.scratch.root;
    home = app.scratch.codexHome;
    mkdirSync(join(home, 'worktrees/one'), { recursive: true });
    mkdirSync(join(home, 'skills/mine'), { recursive: true });
    await app.restart(['--workspace-root', root]);
  });
  afterAll(() => app.stop());

  const start = (body: object): Test => app.post('/api/v2/threads', body);
  const writing = (folder: string): object => ({ type: 'workspace_write', writable_roots: [folder] });

  async function expectRefused(answer: Test): Promise<void> {
    const { detail } = await bodyOf(answer.expect(403));
    expect(detail).toContain('could replace the Codex home or the data directory of this server');
  }

  it('is none that a thread may write in', async () => {
    for (const cwd of [root, home, join(home, 'skills/mine'), app.scratch.dataDir]) {
      await expectRefused(start({ ...WRITES, cwd }));
    }
    await expectRefused(start({ cwd: root, config: { sandbox_mode: 'workspace-write' } }));
    expect((await bodyOf(app.get('/api/v2/threads'))).data).toEqual([]);
  });

  it('can be read in, and can be written in where it holds neither', async () => {
    for (const body of [{ cwd: root }, { ...WRITES, cwd: join(home, 'worktrees/one') }]) {
      const { thread_id: threadId } = await bodyOf(start(body).expect(201));
      expect(await app.runTurn(String(threadId), 'say: Hello.')).toMatchObject({ status: 'completed' });
    }
  });

  it('is none that a turn, a fork or a resume gets to write in', async () => {
    const { thread_id: readingId } = await bodyOf(start({ cwd: root }).expect(201));
    const reads = `/api/v2/threads/${String(readingId)}`;
    const input = 'say: Hello.';
    await app.runTurn(String(readingId), input);
    const writes = `/api/v2/threads/${await app.createThread()}`;
    const ended = (path: string, more: object): Promise<Json> =>
      bodyOf(app.post(`${path}/turns?wait=true`, { input, ...more }));
    for (const turn of [
      await ended(reads, { sandbox_policy: writing(app.scratch.workspace) }),
      await ended(writes, { cwd: root }),
      await ended(writes, { sandbox_policy: writing(root) }),
    ]) {
      expect(JSON.stringify(turn)).toContain('could replace the Codex home');
    }
    await expectRefused(app.post(`${reads}/fork`, WRITES));
    await app.terminate();
    await app.restart(['--workspace-root', root]);
    await expectRefused(app.post(`${reads}/resume`, WRITES));
  });

  it('is none that a single command may write in', async () => {
    const command = ['true'];
    const exec = (body: object): Test => app.post('/api/v2/commands/exec', { command, ...body });
    await expectRefused(exec({ cwd: root, sandbox_policy: writing(app.scratch.workspace) }));
    await expectRefused(exec({ sandbox_policy: writing(root) }));
    await exec({ cwd: root, sandbox_policy: { type: 'read_only' } }).expect(200);
  });

  it('is none that another door opens', async () => {
    const metadata = { codex_cwd: root, codex_sandbox: 'workspace-write' };
    for (const answer of [
      app.post('/v1/responses', { input: 'say: Hello.', metadata }),
      app.post('/api/thread/start', { cwd: root, sandbox: 'workspace-write' }),
    ]) {
      expect(JSON.stringify(await bodyOf(answer))).toContain('could replace the Codex home');
    }
  });
});
