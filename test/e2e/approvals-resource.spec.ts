import { Conversation } from '../support/conversation.js';
import { App, type Json } from '../support/start-app.js';

interface ApprovalPage {
  data: (Json & { approval_id: string })[];
  next_cursor: string | null;
}

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const ASK = 'run escalated: echo x > /dev/null because: it is needed\nsay: Went on.';
const TOOL = { type: 'function', name: 'weather', description: 'Weather.', input_schema: { type: 'object' } };

describe('approvals as events and as resources', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  async function list(path: string): Promise<ApprovalPage> {
    const answer = await app.get(path).expect(200);
    return answer.body as ApprovalPage;
  }

  it("are told on the thread's stream and on the server-wide one, and so is the answer", async () => {
    const everywhere = await app.allEvents();
    await everywhere.until('stream/live');
    const talk = await Conversation.start(app, ASK);
    const question = await talk.question();
    const { approval_id: id, item_id: itemId } = question;
    const answered = await talk.answer(id, { decision: 'approve' }).expect(200);
    await talk.end();
    const resolved = await talk.resolved(id);
    const theirs = await everywhere.until(({ data }) => data.approval_id === id);
    await everywhere.until(({ event, data }) => event === 'approval/resolved' && data.approval_id === id);
    everywhere.close();

    expect(theirs.event).toBe('item/commandExecution/requestApproval');
    expect({ ...theirs.data, seq: question.seq }).toEqual(question);
    expect(question).toMatchObject({
      thread_id: talk.threadId,
      turn_id: talk.turnId,
      kind: 'command_execution',
      available_decisions: ['approve', 'approve_for_session', 'decline', 'cancel'],
    });
    expect(Date.parse(question.expires_at as string) - Date.parse(question.emitted_at as string)).toBeGreaterThan(
      890_000,
    );
    expect(resolved).toMatchObject({
      approval_id: id,
      item_id: itemId,
      kind: 'command_execution',
      status: 'answered',
      decision: 'approve',
      turn_id: talk.turnId,
    });
    expect(answered.body).toMatchObject({ approval_id: id, status: 'answered', decision: 'approve' });
  });

  it('are listed, pending ones first, by page and by status', async () => {
    const talk = await Conversation.start(app, ASK.replace('say', 'run escalated: false because: y\nsay'));
    const first = await talk.answerNext({ decision: 'decline' });
    const second = await talk.question();
    const other = await Conversation.start(app, ASK);
    const third = await other.question();
    const path = `/api/v2/threads/${talk.threadId}/approvals`;

    const all = await list(path);
    expect(all.data.map(({ approval_id: id, status }) => [id, status])).toEqual([
      [second.approval_id, 'pending'],
      [first.approval_id, 'answered'],
    ]);
    expect(all.next_cursor).toBeNull();
    const page = await list(`${path}?limit=1`);
    const rest = await list(`${path}?limit=1&cursor=${encodeURIComponent(page.next_cursor ?? '')}`);
    expect([...page.data, ...rest.data]).toEqual(all.data);
    expect(rest.next_cursor).toBeNull();
    expect((await list(`${path}?status=answered`)).data).toEqual(all.data.slice(1));
    expect((await list(`${path}?status=expired`)).data).toEqual([]);
    expect((await list('/api/v2/approvals?status=pending')).data.map(({ approval_id: id }) => id)).toEqual([
      third.approval_id,
      second.approval_id,
    ]);
    const everywhere = (await list('/api/v2/approvals?limit=3')).data.map(({ status }) => status);
    expect(everywhere).toEqual(['pending', 'pending', 'answered']);

    await app.get(`${path}?status=open`).expect(400);
    await app.get(`${path}?cursor=nonsense`).expect(400);
    await app.get(`/api/v2/threads/${UNKNOWN_ID}/approvals`).expect(404);
    await Promise.all([talk, other].map((each) => each.answerPending({ decision: 'cancel' })));
    await Promise.all([talk.end(), other.end()]);
  });

  it('are shown to a client that arrives late', async () => {
    const talk = await Conversation.start(app, ASK);
    await talk.question();
    const { data: pending } = await list(`/api/v2/threads/${talk.threadId}/approvals`);
    const late = await app.stream(talk.threadId);
    const everywhere = await app.allEvents();
    expect((await late.until('stream/opened')).data.pending_approvals).toEqual(pending);
    expect((await everywhere.until('stream/opened')).data.pending_approvals).toEqual(pending);
    late.close();
    everywhere.close();

    await talk.answerPending({ decision: 'decline' });
    await talk.end();
    const after = await app.stream(talk.threadId);
    expect((await after.until('stream/opened')).data.pending_approvals).toEqual([]);
    after.close();
  });

  it('wait for an answer also when nobody listens while they are asked', async () => {
    const threadId = await app.createThread();
    const { turn_id: turnId } = await app.submit(threadId, ASK);
    const path = `/api/v2/threads/${threadId}/approvals`;
    let { data } = await list(path);
    while (data.length === 0) {
      ({ data } = await list(path));
    }
    const stream = await app.stream(threadId);
    await app.post(`${path}/${data[0]?.approval_id ?? ''}`, { decision: 'decline' }).expect(200);
    expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'completed' });
    stream.close();
  });

  it('are answered once, by their own id or by that of their item, within their thread', async () => {
    const talk = await Conversation.start(app, ASK);
    const { approval_id: id, item_id: itemId } = await talk.question();
    const otherThreadId = await app.createThread();
    const approve = { decision: 'approve' };

    const elsewhere = await app.post(`/api/v2/threads/${otherThreadId}/approvals/${id}`, approve).expect(404);
    expect(elsewhere.body).toMatchObject({ code: 'approval_not_found' });
    const unknown = await talk.answer(UNKNOWN_ID, approve).expect(404);
    expect(unknown.body).toMatchObject({ code: 'approval_not_found' });
    await app.post(`/api/v2/threads/${UNKNOWN_ID}/approvals/${id}`, approve).expect(404);

    const byItem = await talk.answer(itemId ?? '', { decision: 'decline' }).expect(200);
    expect(byItem.body).toMatchObject({ approval_id: id, status: 'answered', decision: 'decline' });
    const second = await talk.answer(id, approve).expect(409);
    expect(second.body).toMatchObject({ code: 'already_answered' });
    await talk.answer(itemId ?? '', approve).expect(404);
    const late = await app.post(`/api/v2/threads/${otherThreadId}/approvals/${id}`, approve).expect(404);
    expect(late.body).toMatchObject({ code: 'approval_not_found' });
    await talk.end();
    await talk.answer(id, approve).expect(409);
  });

  it('take one of two answers given at the same moment', async () => {
    const talk = await Conversation.start(app, ASK);
    const { approval_id: id } = await talk.question();
    const answers = await Promise.all(['approve', 'decline'].map(async (decision) => talk.answer(id, { decision })));
    await talk.end();
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const resolved = talk.stream.frames.filter(({ event }) => event === 'approval/resolved');
    const winner = answers.find(({ status }) => status === 200)?.body as Json;
    expect(resolved.map(({ data }) => data.decision)).toEqual([winner.decision]);
  });

  it('refuse what does not belong to them, and go on waiting', async () => {
    const talk = await Conversation.start(app, ASK);
    const { approval_id: id } = await talk.question();
    const refused = [
      [{ answers: { size: ['large'] } }, 'answers'],
      [{ content: {} }, 'content'],
      [{ permissions: {} }, 'permissions'],
      [{ result: { content: [] } }, 'result'],
      [{ decision: 'maybe' }, 'decision'],
      [{ decision: undefined }, 'decision'],
      [{ reason: 'unknown key' }, 'reason'],
    ] as const;
    for (const [part, path] of refused) {
      const answer = await talk.answer(id, { decision: 'approve', ...part }).expect(400);
      expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ path }] });
    }
    await talk.answer(id, { decision: 'decline' }).expect(200);
    await talk.end();
  });

  it.each([
    ['command_execution', ASK, {}],
    ['tool_call', 'call: weather {}', { dynamic_tools: [TOOL] }],
  ])('are withdrawn when their turn is interrupted: %s', async (kind, script, body) => {
    const talk = await Conversation.start(app, script, body);
    const { approval_id: id } = await talk.question();
    await app.post(`${talk.path}/turns/interrupt`).expect(200);
    expect(await talk.resolved(id)).toMatchObject({ kind, status: 'cancelled', decision: null });
    const late = await talk.answer(id, { decision: 'decline' }).expect(409);
    expect(late.body).toMatchObject({ code: 'conflict' });
    expect((await talk.end()).status).toBe('interrupted');
    expect((await list(`${talk.path}/approvals`)).data).toMatchObject([{ approval_id: id, status: 'cancelled' }]);
  });
});
