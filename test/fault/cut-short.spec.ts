import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Response, type Test } from 'supertest';
import { killEngine } from '../support/engine-faults.js';
import { until } from '../support/engine-processes.js';
import { App, type Json } from '../support/start-app.js';
import { upload } from '../support/uploads.js';

const THREADS = '/api/v2/threads';
const text = (script: string): Json => ({ input: [{ type: 'text', text: script }] });
const gate = (name: string): Json => text(`gate: ${name}`);
/** The agent takes what steers it when the answer before is through: then it waits at the next gate. */
const GATES: Readonly<Record<string, readonly [open: string, next: string]>> = {
  steer: ['first', 'second'],
  steered: ['second', 'third'],
};

/**
 * What the disk holds when the server is killed after it did what a request wanted and before it could keep the answer.
 * All requests are sent first, and their answers forgotten over one death; then they come again.
 */
describe('a keyed request whose answer is lost with the server, when it comes again', () => {
  let app: App;
  let threadId: string;
  let busyId: string;
  const requests = new Map<string, () => Test>();
  const first = new Map<string, Response>();
  const again = new Map<string, Response>();

  const keyed = (name: string, test: Test): Test => test.set('Idempotency-Key', name);

  const idsIn = (name: string): unknown[] =>
    [first, again].map((answers) => {
      const answer = answers.get(name)!;
      const [{ status, headers }, ids] = [answer, answer.body as Json];
      return [status, headers.location, ids.turn_id, ids.thread_id, ids.attachment_id, ids.feedback_id];
    });

  async function listOf(path: string): Promise<Json[]> {
    return ((await app.get(path).expect(200)).body as { data: Json[] }).data;
  }

  /** A turn that is at its gate. */
  async function startBusy(): Promise<{ threadId: string; turnId: string }> {
    const id = await app.createThread();
    const { turn_id: turnId } = await app.submit(id, 'gate: first');
    await app.model.reached('first');
    return { threadId: id, turnId };
  }

  async function startAsking(): Promise<string> {
    const id = await app.createThread();
    const stream = await app.stream(id);
    await stream.until('stream/live');
    await app.submit(id, 'run escalated: echo yes because: it asks');
    const { data } = await stream.until('item/commandExecution/requestApproval');
    stream.close();
    return `${THREADS}/${id}/approvals/${String(data.approval_id)}`;
  }

  async function prepare(): Promise<void> {
    threadId = await app.createThread();
    for (const word of ['One.', 'Two.', 'Three.']) {
      await app.runTurn(threadId, `say: ${word}`);
    }
    const busy = await startBusy();
    busyId = busy.threadId;
    const approval = await startAsking();
    const target = { type: 'custom', instructions: 'say: Fine.' };
    requests.set('thread', () => app.post(THREADS, { metadata: { made: 'cut-short' } }));
    requests.set('fork', () => app.post(`${THREADS}/${threadId}/fork`));
    requests.set('rollback', () => app.post(`${THREADS}/${threadId}/rollback`, { num_turns: 1 }));
    requests.set('steer', () => app.post(`${THREADS}/${busyId}/turns/${busy.turnId}/steer`, gate('second')));
    requests.set('steered', () => app.post(`${THREADS}/${busyId}/turns`, { ...gate('third'), on_busy: 'steer' }));
    requests.set('turn', () => app.post(`${THREADS}/${busyId}/turns`, text('say: Queued.')));
    requests.set('answer', () => app.post(approval, { decision: 'approve' }));
    requests.set('review', () => app.post('/api/v2/reviews', { target }));
    requests.set('feedback', () => app.post('/api/v2/feedback', { classification: 'bug', reason: 'cut' }));
    requests.set('upload', () => upload(app, 'the content', 'notes.txt'));
    requests.set('command', () => app.post('/api/v2/commands/exec', { command: ['true'] }));
  }

  function forgetAnswers(): void {
    const { dataDir } = app.scratch;
    const [file = ''] = readdirSync(dataDir).filter((name) => name.endsWith('.db') && !name.includes('lock'));
    const database = new DatabaseSync(join(dataDir, file));
    const { changes } = database
      .prepare(`UPDATE documents SET record = json_set(record, '$.answer', NULL) WHERE collection = 'idempotency'`)
      .run();
    database.close();
    expect(changes).toBe(requests.size);
  }

  beforeAll(async () => {
    app = await App.start();
    await prepare();
    for (const [name, send] of requests) {
      first.set(name, await keyed(name, send()));
      const [open, next] = GATES[name] ?? [];
      if (open !== undefined && next !== undefined) {
        app.model.release(open);
        await app.model.reached(next);
      }
    }
    await app.server.signal('SIGKILL');
    forgetAnswers();
    await app.restart();
    for (const [name, send] of requests) {
      again.set(name, await keyed(name, send()));
    }
  }, 120_000);

  afterAll(async () => {
    await app.stop();
  });

  it.each(['thread', 'fork', 'turn', 'steer', 'steered', 'feedback', 'upload'])(
    'gets what was made by the first one: %s',
    (name) => {
      const [before, after] = idsIn(name);
      expect(first.get(name)!.status).toBeLessThan(300);
      expect(after).toEqual(before);
      expect(again.get(name)!.headers['idempotent-replayed']).toBeUndefined();
    },
  );

  it('has made one of each', async () => {
    expect(await listOf(`${THREADS}?metadata[made]=cut-short`)).toHaveLength(1);
    const forks = (await listOf(`${THREADS}?limit=100`)).filter(({ forked_from_id: from }) => from === threadId);
    expect(forks).toHaveLength(1);
    const feedback = (await listOf('/api/v2/feedback')).filter(({ reason }) => reason === 'cut');
    expect(feedback).toHaveLength(1);
    expect(readdirSync(join(app.scratch.dataDir, 'attachments'))).toHaveLength(1);
    const turns = await listOf(`${THREADS}/${busyId}/turns`);
    expect(turns).toHaveLength(2);
  });

  it('has rolled back once, though it counts from the end', async () => {
    const turns = await listOf(`${THREADS}/${threadId}/turns?sort_direction=asc`);
    expect(turns).toHaveLength(2);
    expect(again.get('rollback')!.body).toMatchObject({ current_turn_id: turns.at(-1)?.turn_id });
  });

  it('gets the review that the first one began, in the same thread, as the death of the server left it', () => {
    const [before, after] = [first, again].map((answers) => answers.get('review')!.body as Json);
    expect([after?.review_id, after?.thread_id]).toEqual([before?.review_id, before?.thread_id]);
    expect((after?.turn as Json).status).toMatch(/^(completed|interrupted)$/);
  });

  it('gets the approval as the first one answered it', () => {
    const [before, after] = [first, again].map((answers) => answers.get('answer')!);
    expect(before!.body).toMatchObject({ status: 'answered', decision: 'approve' });
    expect([after!.status, after!.body]).toEqual([200, before!.body]);
  });

  it('is refused where nobody can know, and nothing is done twice', () => {
    const answer = again.get('command')!;
    const problem = answer.body as Json;
    expect(first.get('command')!.status).toBe(200);
    expect([answer.status, problem.code, answer.headers['retry-after']]).toEqual([409, 'conflict', undefined]);
    expect(problem.detail).toContain('not known whether it was done');
  });

  it('is answered from then on as it was answered now', async () => {
    for (const name of ['thread', 'turn', 'upload', 'rollback']) {
      const third = await keyed(name, requests.get(name)!());
      expect([third.text, third.headers['idempotent-replayed']]).toEqual([again.get(name)!.text, 'true']);
    }
  });

  it('is answered the same again when it was the engine that died over what must not be done twice', async () => {
    const running = join(app.scratch.workspace, 'running');
    const command = ['sh', '-c', `touch '${running}' && exec sleep 30`];
    const body = { command, sandbox_policy: { type: 'danger_full_access' } };
    const send = (): Test => keyed('dead-engine', app.post('/api/v2/commands/exec', body));
    const waiting = send().then((answer) => answer);
    await until(() => existsSync(running));
    expect((await send()).headers['retry-after']).toBeDefined();
    await killEngine(app);
    const lost = await waiting;
    expect([lost.status, (lost.body as Json).code]).toEqual([502, 'engine_error']);
    const retry = await send();
    expect([retry.text, retry.headers['idempotent-replayed']]).toEqual([lost.text, 'true']);
  });

  it('keeps the content of the upload', async () => {
    const { attachment_id: id } = again.get('upload')!.body as Json;
    const answer = await app.get(`/api/v2/attachments/${String(id)}`).expect(200);
    expect(answer.text).toBe('the content');
    expect(readFileSync(join(app.scratch.dataDir, 'attachments', String(id)), 'utf8')).toBe('the content');
  });
});
