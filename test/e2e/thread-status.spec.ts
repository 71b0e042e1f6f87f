import { Conversation } from '../support/conversation.js';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

const ASKING = 'run escalated: echo asked because: May I?\nsay: Done.';
const NOT_FOUND = { status: 404, code: 'approval_not_found', paths: [] };

describe('what a thread is doing', () => {
  let app: App;

  const read = async (threadId: string): Promise<Json> =>
    (await app.get(`/api/v2/threads/${threadId}`).expect(200)).body as Json;

  const listed = async (query: string): Promise<unknown[]> =>
    ((await app.get(`/api/v2/threads?limit=100&${query}`).expect(200)).body as { data: Json[] }).data.map(
      (thread) => thread.thread_id,
    );

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  it('says when it waits for somebody, how many questions there are, and how many turns wait behind them', async () => {
    const conversation = await Conversation.start(app, ASKING, { approval_policy: 'on-request' });
    const { threadId } = conversation;
    const question = await conversation.question();
    await app.submit(threadId, 'say: Next.');
    const { turn_id: last } = await app.submit(threadId, 'say: And next.');
    const waiting = { status: 'waiting', pending_approvals: 1, queued_turns: 2, active_turn_id: conversation.turnId };
    expect(await read(threadId)).toMatchObject(waiting);
    const opened = await app.stream(threadId);
    expect((await opened.until('stream/opened')).data.thread).toMatchObject(waiting);
    opened.close();
    await conversation.answer(question.approval_id, { decision: 'approve' }).expect(200);
    await conversation.stream.turnEnd(last);
    conversation.stream.close();
    expect(await read(threadId)).toMatchObject({ status: 'idle', pending_approvals: 0, queued_turns: 0 });
  });

  it('tells each change on the stream in the words of the thread', async () => {
    const conversation = await Conversation.start(app, ASKING, { approval_policy: 'on-request' });
    await conversation.answerNext({ decision: 'approve' });
    await conversation.stream.until(({ data }) => data.thread_status === 'idle');
    conversation.stream.close();
    const changes = conversation.stream.frames.filter(({ event }) => event === 'thread/status/changed');
    expect(changes.map(({ data }) => data.thread_status)).toEqual(['active', 'waiting', 'active', 'idle']);
    expect(changes.map(({ data }) => (data.status as Json).type)).toEqual(['active', 'active', 'active', 'idle']);
  });

  it('is what threads are listed by', async () => {
    const waiting = await Conversation.start(app, ASKING, { approval_policy: 'on-request' });
    await waiting.question();
    const active = await Conversation.start(app, 'say: Begun.\ngate: held\nsay: Done.');
    await app.model.reached('held', 1);
    const idle = await app.createThread();
    expect(await listed('status=waiting')).toEqual([waiting.threadId]);
    expect(await listed('status=active')).toEqual([active.threadId]);
    expect(await listed('status=idle')).toContain(idle);
    expect(await listed('status=not_loaded')).not.toContain(idle);
    expect(await listed('status=error')).toEqual([]);
    expect(await listed('status=waiting&metadata[a]=b')).toEqual([]);
    expect(await refusal(app.get('/api/v2/threads?status=wibble'))).toEqual({
      status: 400,
      code: 'invalid_request',
      paths: ['status'],
    });
    app.model.release('held');
    await active.end();
    await waiting.answerPending({ decision: 'decline' });
    await waiting.end();
    expect(await listed('status=waiting')).toEqual([]);
  });

  it('is listed page by page', async () => {
    const all = await listed('status=idle');
    const first = await app.get('/api/v2/threads?status=idle&limit=1').expect(200);
    const { data, next_cursor: cursor } = first.body as { data: Json[]; next_cursor: string };
    const second = await app
      .get(`/api/v2/threads?status=idle&limit=1&cursor=${encodeURIComponent(cursor)}`)
      .expect(200);
    const pages = [...data, ...(second.body as { data: Json[] }).data].map((thread) => thread.thread_id);
    expect(pages).toEqual(all.slice(0, 2));
  });

  it('shows one approval by its id, pending and answered', async () => {
    const conversation = await Conversation.start(app, ASKING, { approval_policy: 'on-request' });
    const { approval_id: approvalId } = await conversation.question();
    const paths = [`/api/v2/approvals/${approvalId}`, `${conversation.path}/approvals/${approvalId}`];
    const { data } = (await app.get(`${conversation.path}/approvals`).expect(200)).body as { data: Json[] };
    for (const path of paths) {
      expect((await app.get(path).expect(200)).body).toEqual(data[0]);
    }
    await conversation.answerPending({ decision: 'decline' });
    await conversation.end();
    for (const path of paths) {
      expect((await app.get(path).expect(200)).body).toMatchObject({ approval_id: approvalId, status: 'answered' });
    }
    const other = await app.createThread();
    expect(await refusal(app.get(`/api/v2/threads/${other}/approvals/${approvalId}`))).toEqual(NOT_FOUND);
    expect(await refusal(app.get('/api/v2/approvals/nope'))).toEqual(NOT_FOUND);
    expect(await refusal(app.get(`/api/v2/threads/nope/approvals/${approvalId}`))).toMatchObject({
      code: 'thread_not_found',
    });
  });

  it('streams only the events of a thread that are asked for', async () => {
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Chosen.');
    const stream = await app.stream(threadId, '?after=0&types=turn/started,%20turn/completed');
    await stream.until('turn/completed');
    await stream.until('stream/live');
    stream.close();
    expect(stream.frames.map(({ event }) => event)).toEqual([
      'stream/opened',
      'turn/started',
      'turn/completed',
      'stream/live',
    ]);
  });

  it('takes the words for a sandbox as it gives them', async () => {
    for (const [word, hyphenated] of [
      ['read_only', 'read-only'],
      ['workspace_write', 'workspace-write'],
    ]) {
      for (const sandbox of [word, hyphenated]) {
        const { body } = (await app.post('/api/v2/threads', { sandbox }).expect(201)) as { body: Json };
        expect((body as { sandbox: Json }).sandbox.type).toBe(word);
      }
    }
    expect(await refusal(app.post('/api/v2/threads', { sandbox: 'anything_else' }))).toEqual({
      status: 400,
      code: 'invalid_request',
      paths: ['sandbox'],
    });
  });
});
