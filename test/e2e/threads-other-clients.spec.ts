import { codexExec, RawEngine } from '../support/raw-engine.js';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

interface ItemPage {
  data: { turn_id: string; item: Json }[];
}

describe('threads of other Codex clients in the same Codex home', () => {
  let app: App;
  let other: RawEngine;
  let execId: string;
  let earlierId: string;

  const listed = async (query = ''): Promise<unknown[]> => {
    const answer = await app.get(`/api/v2/threads?limit=100${query}`).expect(200);
    return (answer.body as { data: Json[] }).data.map((thread) => thread.thread_id);
  };
  const turnsOf = async (threadId: string): Promise<Json[]> => {
    const answer = await app.get(`/api/v2/threads/${threadId}/turns?sort_direction=asc`).expect(200);
    return (answer.body as { data: Json[] }).data;
  };
  const textsOf = async (threadId: string): Promise<unknown[]> => {
    const answer = await app.get(`/api/v2/threads/${threadId}/items`).expect(200);
    return (answer.body as ItemPage).data
      .filter(({ item }) => item.type === 'agent_message')
      .map(({ item }) => item.text);
  };

  beforeAll(async () => {
    app = await App.start();
    await app.terminate();
    execId = await codexExec(app.scratch, 'say: From the command line.');
    other = await RawEngine.start(app.scratch);
    earlierId = await other.createThread();
    await other.runTurn(earlierId, 'say: One.');
    await other.runTurn(earlierId, 'say: Two.');
    await other.stop();
    await app.restart();
    other = await RawEngine.start(app.scratch);
  });

  afterAll(async () => {
    await other.stop();
    await app.stop();
  });

  it('lists those that were there before, and reads them', async () => {
    expect((await listed()).sort()).toEqual([execId, earlierId].sort());
    const thread = await app.get(`/api/v2/threads/${earlierId}`).expect(200);
    expect(thread.body).toMatchObject({
      thread_id: earlierId,
      preview: 'say: One.',
      status: 'not_loaded',
      active_turn_id: null,
      model_provider: 'scripted',
      latest_seq: 0,
    });
    expect(await listed('&search=say%3A%20one')).toEqual([earlierId]);
  });

  it('has their turns and items', async () => {
    const turns = await turnsOf(earlierId);
    expect(turns).toMatchObject([
      { thread_id: earlierId, status: 'completed', input: [{ type: 'text', text: 'say: One.' }] },
      { thread_id: earlierId, status: 'completed', input: [{ type: 'text', text: 'say: Two.' }] },
    ]);
    expect(turns.map(({ items }) => (items as Json[]).map(({ type }) => type))).toEqual([
      ['user_message', 'agent_message'],
      ['user_message', 'agent_message'],
    ]);
    expect(await textsOf(earlierId)).toEqual(['One.', 'Two.']);
    expect(await textsOf(execId)).toEqual(['From the command line.']);
    const turnId = String(turns[1]?.turn_id);
    const one = await app.get(`/api/v2/threads/${earlierId}/turns/${turnId}`).expect(200);
    expect(one.body).toEqual(turns[1]);
  });

  it('goes on with them, and the model has what was said before', async () => {
    const resumed = await app.post(`/api/v2/threads/${execId}/resume`).expect(200);
    expect(resumed.body).toMatchObject({ thread_id: execId, status: 'idle', model: 'scripted-model' });
    const turn = await app.runTurn(execId, 'say: And from here.');
    expect(turn).toMatchObject({ status: 'completed' });
    expect(JSON.stringify(app.model.requests.at(-1)?.body.input)).toContain('From the command line.');
    expect(await textsOf(execId)).toEqual(['From the command line.', 'And from here.']);
    expect((await turnsOf(execId)).at(-1)).toMatchObject({ turn_id: turn.turn_id, status: 'completed' });
  });

  it('forks them', async () => {
    const [first] = await turnsOf(earlierId);
    const answer = await app.post(`/api/v2/threads/${earlierId}/fork`, { turn_id: first?.turn_id }).expect(201);
    const fork = answer.body as { thread_id: string };
    expect(fork).toMatchObject({ forked_from_id: earlierId, source_thread_id: earlierId });
    expect(await textsOf(fork.thread_id)).toEqual(['One.']);
  });

  it('sees one that is made while the server runs, and what is done in it later', async () => {
    const threadId = await other.createThread();
    await other.runTurn(threadId, 'say: Meanwhile.');
    const thread = await app.get(`/api/v2/threads/${threadId}`).expect(200);
    expect(thread.body).toMatchObject({ thread_id: threadId, status: 'not_loaded', preview: 'say: Meanwhile.' });
    expect(await listed()).toContain(threadId);
    expect(await textsOf(threadId)).toEqual(['Meanwhile.']);
    await other.runTurn(threadId, 'say: And again.');
    expect(await textsOf(threadId)).toEqual(['Meanwhile.', 'And again.']);
  });

  it('says clearly that another process is writing, and goes on when that has ended', async () => {
    const threadId = await other.createThread();
    await other.runTurn(threadId, 'say: Mine.');
    const path = `/api/v2/threads/${threadId}`;
    expect(await refusal(app.post(`${path}/resume`))).toEqual({ status: 409, code: 'conflict', paths: [] });
    expect(await textsOf(threadId)).toEqual(['Mine.']);
    await other.stop();
    expect(await app.runTurn(threadId, 'say: Ours.')).toMatchObject({ status: 'completed' });
    expect(await textsOf(threadId)).toEqual(['Mine.', 'Ours.']);
    other = await RawEngine.start(app.scratch);
  });
});
