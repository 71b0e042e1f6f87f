import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RawEngine } from '../support/raw-engine.js';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';
import { codeOf, fieldsOf, toThreadDoors } from '../support/thread-doors.js';

interface Outcome {
  name: string;
  status: number;
  code: unknown;
  fields: unknown[];
}

describe('a thread whose folder is checked at its use', () => {
  let app: App;
  let outside: string;
  let count = 0;

  /** A folder of its own in the workspace. */
  const folder = (): string => {
    count += 1;
    const path = join(app.scratch.workspace, `folder-${String(count)}`);
    mkdirSync(path);
    return path;
  };

  const swap = (path: string, target: string): void => {
    renameSync(path, `${path}-was`);
    symlinkSync(target, path);
  };

  const putBack = (path: string): void => {
    rmSync(path, { recursive: true, force: true });
    renameSync(`${path}-was`, path);
  };

  const threadIn = async (cwd: string): Promise<string> => {
    const threadId = await app.createThread({ cwd });
    await app.runTurn(threadId, 'say: Begun.');
    return threadId;
  };

  const outcomes = async (threadId: string): Promise<Outcome[]> => {
    const all: Outcome[] = [];
    for (const { name, path, body, headers = {} } of toThreadDoors(threadId)) {
      const answer = await app.post(path, body).set(headers);
      all.push({
        name,
        status: answer.status,
        code: codeOf(answer.body as Json),
        fields: fieldsOf(answer.body as Json),
      });
    }
    return all;
  };

  const allRefused = (threadId: string): Outcome[] =>
    toThreadDoors(threadId).map(({ name }) => ({ name, status: 403, code: 'forbidden', fields: ['cwd'] }));

  const turnRefusal = async (threadId: string, more: object = {}): Promise<unknown> => {
    const body = { input: [{ type: 'text', text: 'say: Here.' }], ...more };
    const answer = await app.post(`/api/v2/threads/${threadId}/turns`, body);
    const [error] = ((answer.body as Json).errors ?? []) as Json[];
    return [answer.status, (answer.body as Json).code, error?.path, error?.message];
  };

  beforeAll(async () => {
    app = await App.start();
    outside = join(app.scratch.root, 'outside');
    mkdirSync(outside);
  });

  afterAll(async () => {
    await app.stop();
  });

  it('is used by no door once a link has taken its place, is read all the same, and runs when it is put back', async () => {
    const cwd = folder();
    const threadId = await threadIn(cwd);
    swap(cwd, outside);
    expect(await outcomes(threadId)).toEqual(allRefused(threadId));
    const script = `run: touch ${cwd}/written`;
    await app.post(`/api/v2/threads/${threadId}/turns`, { input: [{ type: 'text', text: script }] }).expect(403);
    expect(existsSync(join(outside, 'written'))).toBe(false);
    const { body } = (await app.get(`/api/v2/threads/${threadId}`).expect(200)) as { body: Json };
    expect(body).toMatchObject({ thread_id: threadId, cwd });
    await app.get(`/api/v2/threads/${threadId}/turns`).expect(200);
    await app.patch(`/api/v2/threads/${threadId}`, { name: 'Still here' }).expect(200);
    putBack(cwd);
    expect(await app.runTurn(threadId, 'say: Again.')).toMatchObject({ status: 'completed' });
  });

  it('is not loaded after a restart either, nor in the folder of another thread', async () => {
    const [cwd, other] = [folder(), folder()];
    const threadId = await threadIn(cwd);
    await app.terminate();
    swap(cwd, other);
    await app.restart();
    expect(await outcomes(threadId)).toEqual(allRefused(threadId));
    expect(await turnRefusal(threadId)).toEqual([403, 'forbidden', 'cwd', 'leads elsewhere now']);
  });

  it('says what is wrong with the folder', async () => {
    const cwd = join(folder(), 'deep');
    mkdirSync(cwd);
    const threadId = await threadIn(cwd);
    renameSync(cwd, `${cwd}-was`);
    expect(await turnRefusal(threadId)).toEqual([403, 'forbidden', 'cwd', 'is not there any more']);
    writeFileSync(cwd, '');
    expect(await turnRefusal(threadId)).toEqual([403, 'forbidden', 'cwd', 'is no longer a folder']);
    rmSync(cwd);
    symlinkSync(outside, cwd);
    expect(await turnRefusal(threadId)).toEqual([403, 'forbidden', 'cwd', 'must lie under a workspace root']);
    const elsewhere = folder();
    await app.post(`/api/v2/threads/${threadId}/resume`, { cwd: elsewhere }).expect(200);
    expect(await app.runTurn(threadId, 'say: Moved.')).toMatchObject({ status: 'completed' });
  });

  it('fails a turn that waited when its time has come', async () => {
    const cwd = folder();
    const threadId = await app.createThread({ cwd });
    const stream = await app.stream(threadId);
    await app.submit(threadId, 'gate: swapped');
    await app.model.reached('swapped');
    const { turn_id: turnId } = await app.submit(threadId, `run: touch ${cwd}/written`);
    swap(cwd, outside);
    app.model.release('swapped');
    await stream.turnEnd(turnId);
    stream.close();
    const { body } = (await app.get(`/api/v2/threads/${threadId}/turns/${turnId}`).expect(200)) as { body: Json };
    expect(body).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('cwd lies outside') as string },
    });
    expect(existsSync(join(outside, 'written'))).toBe(false);
  });

  it('checks the folders that commands may write to, also those of an earlier turn', async () => {
    const [cwd, writable] = [folder(), folder()];
    const threadId = await threadIn(cwd);
    const policy = { type: 'workspace_write', writable_roots: [writable] };
    expect(await app.runTurn(threadId, 'say: With it.', { sandbox_policy: policy })).toMatchObject({
      status: 'completed',
    });
    swap(writable, outside);
    const field = 'sandbox_policy.writable_roots[0]';
    const refused = [403, 'forbidden', field, 'must lie under a workspace root'];
    expect(await turnRefusal(threadId)).toEqual(refused);
    expect(await turnRefusal(threadId, { sandbox_policy: policy })).toEqual(refused);
    expect(await refusal(app.post(`/api/v2/threads/${threadId}/compact`))).toMatchObject({
      status: 403,
      paths: [field],
    });
    const reads = { sandbox_policy: { type: 'read_only' } };
    expect(await app.runTurn(threadId, 'say: Without.', reads)).toMatchObject({ status: 'completed' });
    expect(await app.runTurn(threadId, 'say: And on.')).toMatchObject({ status: 'completed' });
  });

  it('takes no file for a folder', async () => {
    const path = join(folder(), 'file');
    writeFileSync(path, '');
    const wrong = { status: 400, code: 'invalid_request', paths: ['cwd'] };
    expect(await refusal(app.post('/api/v2/threads', { cwd: path }))).toEqual(wrong);
    expect(await refusal(app.post('/api/v2/commands/exec', { command: ['true'], cwd: path }))).toEqual(wrong);
  });

  describe('that another client made outside the workspace', () => {
    let threadId: string;

    beforeAll(async () => {
      const other = await RawEngine.start(app.scratch);
      threadId = await other.createThread({ cwd: outside });
      await other.runTurn(threadId, 'say: Elsewhere.');
      await other.stop();
    });

    it('is read, and run by no door', async () => {
      expect((await app.get(`/api/v2/threads/${threadId}`).expect(200)).body).toMatchObject({ cwd: outside });
      const { body } = (await app.get(`/api/v2/threads/${threadId}/items`).expect(200)) as { body: Json };
      expect(JSON.stringify(body)).toContain('Elsewhere.');
      expect(await outcomes(threadId)).toEqual(allRefused(threadId));
    });

    it('stays where it is, and is forked into the workspace', async () => {
      const path = `/api/v2/threads/${threadId}`;
      const cwd = folder();
      expect(await refusal(app.post(`${path}/resume`, { cwd }))).toEqual({
        status: 403,
        code: 'forbidden',
        paths: ['cwd'],
      });
      expect(await turnRefusal(threadId, { cwd })).toEqual([
        403,
        'forbidden',
        'cwd',
        'must lie under a workspace root',
      ]);
      const fork = (await app.post(`${path}/fork`, { cwd }).expect(201)).body as { thread_id: string; cwd: string };
      expect(fork.cwd).toBe(cwd);
      const turn = await app.runTurn(fork.thread_id, 'run: pwd');
      expect(JSON.stringify(turn.items)).toContain(cwd);
      const bridged = await app.post('/api/thread/fork', { threadId, cwd }).expect(200);
      expect(bridged.body).toMatchObject({ cwd });
    });
  });

  it('follows a link of another client where that leads into the workspace, and gives the engine no link', async () => {
    const real = folder();
    const link = `${real}-link`;
    symlinkSync(real, link);
    const other = await RawEngine.start(app.scratch);
    const threadId = await other.createThread({ cwd: link });
    await other.runTurn(threadId, 'say: By a link.');
    await other.stop();
    const { body } = (await app.post(`/api/v2/threads/${threadId}/resume`).expect(200)) as { body: Json };
    expect(body).toMatchObject({ cwd: real });
    expect(JSON.stringify((await app.runTurn(threadId, 'run: pwd')).items)).toContain(`${real}\\n`);
  });
});
