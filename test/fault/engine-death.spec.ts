import { App, type Json } from '../support/start-app.js';
import { killEngine, untilReadiness } from '../support/engine-faults.js';
import { type SseReader } from '../support/sse-reader.js';

describe('when the engine is killed', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  async function liveStream(threadId: string): Promise<SseReader> {
    const stream = await app.stream(threadId, '?after=0');
    await stream.until('stream/live');
    return stream;
  }

  it('ends the running turns as interrupted, says so on their streams, and goes on with what waits', async () => {
    const [one, other, idle] = [await app.createThread(), await app.createThread(), await app.createThread()];
    await app.runTurn(one, 'say: Remember the word heliotrope.');
    await app.runTurn(idle, 'say: Nothing to do.');
    const [oneStream, otherStream] = [await liveStream(one), await liveStream(other)];
    const cut = await app.submit(one, 'part: Half a sentence\ngate: cut\nsay: never.');
    const waiting = await app.submit(one, 'say: From the queue.');
    const alsoCut = await app.submit(other, 'say: Other thread.\ngate: cut\nsay: never.');
    await oneStream.until(({ data }) => String(data.delta).includes('sentence'));
    await app.model.reached('cut', 2);

    await killEngine(app);
    const unready = await untilReadiness(app, 503);
    expect(unready).toMatchObject({ ready: false });
    expect(JSON.stringify(unready)).toContain('SIGKILL');
    expect(await untilReadiness(app, 200)).toMatchObject({ ready: true });

    expect(await oneStream.turnEnd(cut.turn_id)).toMatchObject({ id: cut.turn_id, status: 'interrupted' });
    expect(await otherStream.turnEnd(alsoCut.turn_id)).toMatchObject({ status: 'interrupted' });
    expect(await oneStream.turnEnd(waiting.turn_id)).toMatchObject({ status: 'completed' });
    const ofCut = oneStream.events.filter(({ data }) => data.turn_id === cut.turn_id).map(({ event }) => event);
    expect(ofCut.slice(-2)).toEqual(['engine/restarted', 'turn/completed']);
    expect(oneStream.events.map(({ id }) => id)).toEqual(oneStream.events.map((_, index) => String(index + 1)));
    oneStream.close();
    otherStream.close();

    expect(JSON.stringify(app.model.requests.at(-1)?.body)).toContain('heliotrope');
    const kept = (await app.get(`/api/v2/threads/${one}/turns/${cut.turn_id}`).expect(200)).body as { items: Json[] };
    expect(kept).toMatchObject({ status: 'interrupted' });
    expect(kept.items.at(-1)).toMatchObject({ type: 'agent_message', text: 'Half a sentence' });
    for (const threadId of [other, idle]) {
      expect(await app.runTurn(threadId, 'say: Again.')).toMatchObject({ status: 'completed' });
    }
    expect(JSON.stringify(app.model.requests.at(-1)?.body)).toContain('Nothing to do.');
  });

  it('expires the approvals that wait, with events, and the turn that asked ends as interrupted', async () => {
    const threadId = await app.createThread();
    const stream = await liveStream(threadId);
    const { turn_id: turnId } = await app.submit(threadId, 'run escalated: echo no because: it asks');
    const question = await stream.until('item/commandExecution/requestApproval');
    await killEngine(app);
    await stream.turnEnd(turnId);
    stream.close();
    const approvalId = String(question.data.approval_id);
    const names = stream.names.slice(stream.events.indexOf(question) + 1);
    expect(names).toEqual(['approval/expired', 'approval/resolved', 'engine/restarted', 'turn/completed']);
    const late = await app.post(`/api/v2/threads/${threadId}/approvals/${approvalId}`, { decision: 'approve' });
    expect([late.status, (late.body as Json).code]).toEqual([410, 'approval_expired']);
  });

  it('runs a turn that is submitted while there is no engine, as soon as there is one', async () => {
    const threadId = await app.createThread();
    const stream = await liveStream(threadId);
    await killEngine(app);
    const turn = await app.submit(threadId, 'say: Waited for the engine.');
    expect(await stream.turnEnd(turn.turn_id)).toMatchObject({ status: 'completed' });
    stream.close();
  });

  it('comes back each time when it is killed again and again, and the thread keeps its history', async () => {
    const threadId = await app.createThread();
    const words = ['ash', 'birch', 'cedar'];
    for (const word of words) {
      const stream = await liveStream(threadId);
      const { turn_id: turnId } = await app.submit(threadId, `say: The tree is ${word}.\ngate: ${word}`);
      await app.model.reached(word);
      await killEngine(app);
      expect(await stream.turnEnd(turnId)).toMatchObject({ status: 'interrupted' });
      stream.close();
    }
    expect(await app.runTurn(threadId, 'say: Which trees?')).toMatchObject({ status: 'completed' });
    const body = JSON.stringify(app.model.requests.at(-1)?.body);
    expect(words.filter((word) => body.includes(`The tree is ${word}.`))).toEqual(words);
  });
});
