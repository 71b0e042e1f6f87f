import { App } from '../support/start-app.js';

interface Turn {
  id: string;
  status: string;
}

let app: App;

beforeAll(async () => {
  app = await App.start({ env: { CODEX_REQUEST_TIMEOUT: '0.5' } });
});

afterAll(async () => {
  await app.stop();
});

async function turnsOf(threadId: string): Promise<Turn[]> {
  const answer = await app.post('/api/thread/read', { threadId, includeTurns: true }).expect(200);
  return (answer.body as { thread: { turns: Turn[] } }).thread.turns;
}

it('a turn that takes too long is answered with 504 and its id, and goes on to its end', async () => {
  const started = await app.post('/api/thread/start', {}).expect(200);
  const { id } = (started.body as { thread: { id: string } }).thread;
  const input = [{ type: 'text', text: 'gate: long\nsay: At last.' }];
  const late = await app.post('/api/turn/start', { threadId: id, input }).expect(504);
  const [running] = await turnsOf(id);
  expect(late.body).toMatchObject({ code: 'timeout', detail: expect.stringContaining(running!.id) as string });
  expect(running?.status).toBe('inProgress');
  const stream = await app.stream(id, '?after=0');
  app.model.release('long');
  await stream.turnEnd(running!.id);
  stream.close();
  expect(await turnsOf(id)).toMatchObject([{ id: running!.id, status: 'completed' }]);
});
