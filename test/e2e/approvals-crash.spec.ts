import { Conversation } from '../support/conversation.js';
import { App, type Json } from '../support/start-app.js';

const ASK = 'run escalated: echo x > /dev/null because: it is needed';

describe('an approval under which something dies', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start({ env: { LOG_LEVEL: 'info' } });
  });

  afterAll(async () => {
    await app.stop();
  });

  function enginePid(): number {
    const lines = app.server.output.split('\n').filter((line) => line.includes('The engine is ready.'));
    return (JSON.parse(lines.at(-1) ?? '{}') as { enginePid: number }).enginePid;
  }

  const settled = (id: string, turnId: string): object[] => [
    expect.objectContaining({ event: 'approval/expired', approval_id: id, turn_id: turnId }) as object,
    expect.objectContaining({
      event: 'approval/resolved',
      approval_id: id,
      status: 'expired',
      decision: null,
    }) as object,
  ];

  const isAbout = (id: string) => (data: Json) => data.approval_id === id && String(data.event).startsWith('approval/');

  async function expectExpired(talk: Conversation, id: string): Promise<void> {
    const late = await talk.answer(id, { decision: 'approve' }).expect(410);
    expect(late.body).toMatchObject({ code: 'approval_expired' });
    const list = await app.get(`${talk.path}/approvals`).expect(200);
    expect((list.body as { data: Json[] }).data).toMatchObject([
      { approval_id: id, status: 'expired', decision: null },
    ]);
  }

  it('expires, with its events, when the engine is killed', async () => {
    const talk = await Conversation.start(app, ASK);
    const { approval_id: id } = await talk.question();
    process.kill(enginePid(), 'SIGKILL');
    await talk.stream.until('engine/restarted');
    expect((await talk.end()).status).toBe('interrupted');

    expect(talk.stream.frames.map(({ data }) => data).filter(isAbout(id))).toEqual(settled(id, talk.turnId));
    await expectExpired(talk, id);
    const next = await Conversation.continue(app, talk.threadId, ASK);
    await next.answerNext({ decision: 'approve' });
    expect((await next.end()).status).toBe('completed');
  });

  it('expires, with its events, when the server is killed and started again', async () => {
    const talk = await Conversation.start(app, ASK);
    const { approval_id: id, seq } = await talk.question();
    await app.server.signal('SIGKILL');
    await app.restart();
    const stream = await app.stream(talk.threadId, `?after=${String(seq)}`);
    expect((await stream.until('stream/opened')).data.pending_approvals).toEqual([]);
    expect(await stream.turnEnd(talk.turnId)).toMatchObject({ status: 'interrupted' });
    await stream.until('engine/restarted');
    stream.close();

    expect(stream.frames.map(({ data }) => data).filter(isAbout(id))).toEqual(settled(id, talk.turnId));
    await expectExpired(talk, id);
  });
});
