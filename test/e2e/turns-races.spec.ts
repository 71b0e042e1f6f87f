import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Response } from 'supertest';
import { enginePid } from '../support/engine-faults.js';
import { type SseReader } from '../support/sse-reader.js';
import { App, type Json } from '../support/start-app.js';

const TIMES = 5;

/** Each race is run several times, with the two sides a little closer or further apart by themselves. */
describe('interrupting a turn while something else happens to it', () => {
  let app: App;
  let threadId: string;
  let path: string;
  let stream: SseReader;

  beforeAll(async () => {
    app = await App.start();
  });

  beforeEach(async () => {
    threadId = await app.createThread();
    path = `/api/v2/threads/${threadId}/turns`;
    stream = await app.stream(threadId);
    await stream.until('stream/live');
  });

  afterEach(() => {
    stream.close();
  });

  afterAll(async () => {
    await app.stop();
  });

  const submit = async (script: string): Promise<string> => (await app.submit(threadId, script)).turn_id;
  const interrupt = (turnId: string): Promise<Response> =>
    app.post(`${path}/${turnId}/interrupt`).then((answer) => answer);
  const outcomeOf = ({ status, body }: Response): unknown => [status, (body as Json).code ?? (body as Json).turn_id];
  const statusOf = async (turnId: string): Promise<unknown> =>
    ((await app.get(`${path}/${turnId}`).expect(200)).body as Json).status;

  /** Its end on the stream; fails when a second one follows before a later turn is through. */
  async function onlyEndOf(turnId: string): Promise<unknown> {
    const isEnd = ({ event, data }: { event?: string | undefined; data: Json }): boolean =>
      data.turn_id === turnId && (event === 'turn/completed' || event === 'turn/cancelled');
    await stream.until(isEnd);
    const later = await submit('say: Later.');
    expect(await stream.turnEnd(later)).toMatchObject({ status: 'completed' });
    const ends = stream.events.filter(isEnd).map(({ data }) => (data.turn as Json).status);
    expect(ends).toHaveLength(1);
    expect(await statusOf(turnId)).toBe(ends[0]);
    return ends[0];
  }

  it('ends it once when several clients interrupt it at once, and all of them hear that it is over', async () => {
    for (let times = 0; times < TIMES; times += 1) {
      const turnId = await submit('part: Begins.\nstall');
      const answers = await Promise.all([interrupt(turnId), interrupt(turnId), interrupt(turnId)]);
      for (const answer of answers) {
        expect([
          [200, turnId],
          [409, 'turn_not_active'],
        ]).toContainEqual(outcomeOf(answer));
      }
      expect(answers.map(({ status }) => status)).toContain(200);
      expect(await onlyEndOf(turnId)).toBe('interrupted');
    }
  });

  it('ends it as interrupted or as completed when it is just ending, and the answer agrees', async () => {
    for (let times = 0; times < TIMES; times += 1) {
      const gate = `end-${threadId}-${String(times)}`;
      const turnId = await submit(`gate: ${gate}\nsay: Ends.`);
      await app.model.reached(gate);
      app.model.release(gate);
      const answer = await interrupt(turnId);
      const end = await onlyEndOf(turnId);
      expect(['completed', 'interrupted']).toContain(end);
      if (answer.status === 409) {
        expect([outcomeOf(answer), end]).toEqual([[409, 'turn_not_active'], 'completed']);
      } else {
        expect(outcomeOf(answer)).toEqual([200, turnId]);
      }
    }
  });

  it('cancels or interrupts one that is just leaving the queue; a cancelled one never runs', async () => {
    for (let times = 0; times < TIMES; times += 1) {
      const gate = `leave-${threadId}-${String(times)}`;
      const file = `left-${String(times)}.txt`;
      const before = await submit(`gate: ${gate}`);
      const turnId = await submit(`run: touch ${file}`);
      await app.model.reached(gate);
      app.model.release(gate);
      if (times % 2 === 1) {
        await stream.turnEnd(before);
      }
      const answer = await interrupt(turnId);
      const end = await onlyEndOf(turnId);
      expect(['cancelled', 'completed', 'interrupted']).toContain(end);
      expect(answer.status === 409 ? end : 'completed').toBe('completed');
      if (end === 'cancelled') {
        expect([answer.body, existsSync(join(app.scratch.workspace, file))]).toMatchObject([
          { status: 'cancelled' },
          false,
        ]);
      }
    }
  });

  it('settles the question of a turn once when it is answered and its turn is interrupted at once', async () => {
    for (let times = 0; times < TIMES; times += 1) {
      const turnId = await submit('run escalated: echo yes because: it asks');
      const { data } = await stream.until(
        ({ event, data: its }) => event?.endsWith('requestApproval') === true && its.turn_id === turnId,
      );
      const approval = `/api/v2/threads/${threadId}/approvals/${String(data.approval_id)}`;
      const [answer, other] = await Promise.all([
        app.post(approval, { decision: 'approve' }).then((it) => it),
        interrupt(turnId),
      ]);
      const end = await onlyEndOf(turnId);
      expect(['completed', 'interrupted']).toContain(end);
      expect([200, 409]).toContain(other.status);
      const resolved = stream.events.filter(
        ({ event, data: its }) => event === 'approval/resolved' && its.approval_id === data.approval_id,
      );
      const status = answer.status === 200 ? 'answered' : 'cancelled';
      expect(resolved.map(({ data: its }) => its.status)).toEqual([status]);
    }
  });

  it('reaches a turn that is still on its way to the engine', async () => {
    await stream.turnEnd(await submit('say: Loaded.'));
    const pid = enginePid(app)!;
    process.kill(pid, 'SIGSTOP');
    const accepted = app.post(path, { input: [{ type: 'text', text: 'part: Begins.\nstall' }] }).then((it) => it);
    let active: string | null = null;
    while (active === null) {
      active = ((await app.get(`/api/v2/threads/${threadId}`).expect(200)).body as { active_turn_id: string | null })
        .active_turn_id;
    }
    const interrupted = interrupt(active);
    process.kill(pid, 'SIGCONT');
    expect([(await accepted).status, outcomeOf(await interrupted)]).toEqual([202, [200, active]]);
    expect(await onlyEndOf(active)).toBe('interrupted');
  });

  it('cancels a turn on its way to an engine that dies over it', async () => {
    await stream.turnEnd(await submit('say: Loaded.'));
    const pid = enginePid(app)!;
    process.kill(pid, 'SIGSTOP');
    const accepted = app.post(path, { input: [{ type: 'text', text: 'run: touch dead.txt' }] }).then((it) => it);
    let active: string | null = null;
    while (active === null) {
      active = ((await app.get(`/api/v2/threads/${threadId}`).expect(200)).body as { active_turn_id: string | null })
        .active_turn_id;
    }
    const interrupted = interrupt(active);
    process.kill(pid, 'SIGKILL');
    expect([(await accepted).status, (await interrupted).body]).toMatchObject([202, { status: 'cancelled' }]);
    expect(await onlyEndOf(active)).toBe('cancelled');
    expect(existsSync(join(app.scratch.workspace, 'dead.txt'))).toBe(false);
  });
});
