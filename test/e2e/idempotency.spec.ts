import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Response, type Test } from 'supertest';
import { enginePid } from '../support/engine-faults.js';
import { App, type Json, WRITABLE } from '../support/start-app.js';

const THREADS = '/api/v2/threads';
const say = (text: string): Json => ({ input: [{ type: 'text', text: `say: ${text}` }] });

describe('a request with an Idempotency-Key', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  const post = (path: string, key: string, body: object = {}): Test => app.post(path, body).set('Idempotency-Key', key);

  const isReplayed = ({ headers }: Response): boolean => headers['idempotent-replayed'] === 'true';

  const answerOf = ({ status, headers, text }: Response): unknown[] => [status, headers.location, text];

  async function turnsOf(threadId: string): Promise<Json[]> {
    return ((await app.get(`${THREADS}/${threadId}/turns`).expect(200)).body as { data: Json[] }).data;
  }

  async function untilEnded(threadId: string, turnId: string): Promise<void> {
    const stream = await app.stream(threadId, '?after=0');
    await stream.turnEnd(turnId);
    stream.close();
  }

  /** Keeps the engine from answering anything while `during` runs. */
  async function whileStopped(during: (pid: number) => Promise<void>): Promise<void> {
    const pid = enginePid(app)!;
    process.kill(pid, 'SIGSTOP');
    await during(pid);
  }

  it('makes one thread, also when it is sent again after a restart', async () => {
    const body = { ...WRITABLE, metadata: { made: 'once' } };
    const first = await post(THREADS, 'thread', body).expect(201);
    const second = await post(THREADS, 'thread', body);
    await app.terminate();
    await app.restart();
    const third = await post(THREADS, 'thread', { metadata: { made: 'once' }, ...WRITABLE });
    expect([second, third].map(answerOf)).toEqual([answerOf(first), answerOf(first)]);
    expect([first, second, third].map(isReplayed)).toEqual([false, true, true]);
    const { data } = (await app.get(`${THREADS}?metadata[made]=once`).expect(200)).body as { data: Json[] };
    expect(data).toHaveLength(1);
  });

  it('is refused with another body, and does nothing', async () => {
    const threadId = await app.createThread();
    await post(`${THREADS}/${threadId}/turns`, 'reused', say('One.')).expect(202);
    const other = await post(`${THREADS}/${threadId}/turns`, 'reused', say('Two.')).expect(409);
    expect(other.body).toMatchObject({ code: 'idempotency_conflict' });
    expect(await turnsOf(threadId)).toHaveLength(1);
  });

  it('is refused again in the same words when it was refused for good', async () => {
    const path = `${THREADS}/${crypto.randomUUID()}/turns`;
    const first = await post(path, 'nowhere', say('Hello.')).expect(404);
    const second = await post(path, 'nowhere', say('Hello.'));
    expect([answerOf(second), isReplayed(second)]).toEqual([answerOf(first), true]);
  });

  it('lets one of two through that come together; the other one is told to wait', async () => {
    const threadId = await app.createThread();
    await whileStopped(async (pid) => {
      const send = (): Promise<Response> => post(`${THREADS}/${threadId}/turns`, 'pair', say('Once.')).then((it) => it);
      const both = [send(), send()];
      const refused = await Promise.race(both);
      expect([refused.status, (refused.body as Json).code, refused.headers['retry-after']]).toEqual([
        409,
        'conflict',
        '1',
      ]);
      process.kill(pid, 'SIGCONT');
      const statuses = (await Promise.all(both)).map(({ status }) => status);
      expect(statuses.sort()).toEqual([202, 409]);
      expect(isReplayed(await send())).toBe(true);
    });
    expect(await turnsOf(threadId)).toHaveLength(1);
  });

  it('finds the turn that it has made already when the server was killed before it could answer', async () => {
    const threadId = await app.createThread();
    const path = `${THREADS}/${threadId}/turns`;
    await whileStopped(async (pid) => {
      const lost = post(path, 'cut', say('Once.')).then(
        () => 'answered',
        () => 'lost',
      );
      while ((await turnsOf(threadId)).length === 0) {
        // Until the turn is durable.
      }
      await app.server.signal('SIGKILL');
      process.kill(pid, 'SIGKILL');
      expect(await lost).toBe('lost');
    });
    await app.restart();
    const [made] = await turnsOf(threadId);
    const other = await post(path, 'cut', say('Other.')).expect(409);
    expect(other.body).toMatchObject({ code: 'idempotency_conflict' });
    const retry = await post(path, 'cut', say('Once.')).expect(202);
    const turnId = made?.turn_id as string;
    expect([retry.body, isReplayed(retry)]).toEqual([expect.objectContaining({ turn_id: turnId }), false]);
    expect(retry.headers.location).toBe(`${path}/${turnId}`);
    await untilEnded(threadId, turnId);
    const again = await post(path, 'cut', say('Once.'));
    expect([answerOf(again), isReplayed(again)]).toEqual([answerOf(retry), true]);
    expect(await turnsOf(threadId)).toMatchObject([{ turn_id: turnId, status: 'completed' }]);
  });

  it('steers, interrupts, answers, rolls back, archives and runs a command once', async () => {
    const threadId = await app.createThread();
    const path = `${THREADS}/${threadId}`;
    const stream = await app.stream(threadId);
    await app.runTurn(threadId, 'say: One.');
    await app.runTurn(threadId, 'say: Two.');
    const { turn_id: turnId } = await app.submit(threadId, 'run escalated: echo yes because: it asks\nstall');
    const { data } = await stream.until('item/commandExecution/requestApproval');
    const twice = async (name: string, at: string, body: object = {}): Promise<void> => {
      const first = await post(at, `each-${name}`, body).expect(200);
      const second = await post(at, `each-${name}`, body).expect(200);
      expect([name, second.text, isReplayed(second)]).toEqual([name, first.text, true]);
    };
    await twice('answer', `${path}/approvals/${String(data.approval_id)}`, { decision: 'approve' });
    await twice('steer', `${path}/turns/${turnId}/steer`, { input: [{ type: 'text', text: 'stall' }] });
    await twice('interrupt', `${path}/turns/${turnId}/interrupt`);
    await stream.turnEnd(turnId);
    stream.close();
    await twice('rollback', `${path}/rollback`, { num_turns: 1 });
    expect(await turnsOf(threadId)).toHaveLength(2);
    await twice('archive', `${path}/archive`);
    await twice('unarchive', `${path}/unarchive`);
    await twice('resume', `${path}/resume`);
    const file = join(app.scratch.workspace, 'once.txt');
    const command = { command: ['sh', '-c', `echo once >> ${file}`], sandbox_policy: { type: 'danger_full_access' } };
    await twice('exec', '/api/v2/commands/exec', command);
    expect(readFileSync(file, 'utf8')).toBe('once\n');
  });

  it('tells two files of the same length apart', async () => {
    const upload = (content: string): Test => {
      const test = app.post('/api/v2/attachments').set('Idempotency-Key', 'files').unset('Content-Type');
      return test.send(undefined).attach('file', Buffer.from(content), 'notes.txt');
    };
    const first = await upload('notes').expect(201);
    expect((await upload('other').expect(409)).body).toMatchObject({ code: 'idempotency_conflict' });
    const again = await upload('notes');
    expect([answerOf(again), isReplayed(again)]).toEqual([answerOf(first), true]);
    expect(readdirSync(join(app.scratch.dataDir, 'attachments'))).toHaveLength(1);
  });

  it('forks, compacts, reviews, uploads and gives feedback once', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Something to fork.');
    const upload = (): Test => {
      const test = app.post('/api/v2/attachments').set('Idempotency-Key', 'upload').unset('Content-Type');
      return test.send(undefined).attach('file', Buffer.from('notes'), 'notes.txt');
    };
    const requests: (() => Test)[] = [
      () => post(`${THREADS}/${threadId}/fork`, 'fork'),
      () => post('/api/v2/feedback', 'feedback', { classification: 'bug' }),
      () => post(`${THREADS}/${threadId}/compact`, 'compact'),
      () => post('/api/v2/reviews', 'review', { target: { type: 'custom', instructions: 'say: Fine.' } }),
      upload,
    ];
    for (const send of requests) {
      const first = await send();
      const second = await send();
      expect([201, 202]).toContain(first.status);
      expect([answerOf(second), isReplayed(second)]).toEqual([answerOf(first), true]);
    }
  });

  it('is possible with every POST', async () => {
    const document = await app.get('/openapi.json').expect(200);
    const { paths } = document.body as { paths: Record<string, { post?: Operation }> };
    const posts = Object.entries(paths).filter(([path, { post: operation }]) => operation && path.startsWith('/api/v'));
    const without = posts.filter(
      ([, { post: operation }]) => !operation?.parameters.some(({ name }) => name === 'Idempotency-Key'),
    );
    expect(posts.length).toBeGreaterThan(25);
    // A ticket is a secret, and is not kept.
    expect(without.map(([path]) => path)).toEqual(['/api/v2/stream-tickets']);
  });
});

interface Operation {
  responses: Record<string, unknown>;
  parameters: { name: string }[];
}
