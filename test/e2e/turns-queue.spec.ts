import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../support/refusal.js';
import { App, type Json } from '../support/start-app.js';

const text = (script: string): Json => ({ input: [{ type: 'text', text: script }] });

interface TurnPage {
  data: { turn_id: string; status: string }[];
  next_cursor: string | null;
}

describe('the queue of a thread, three turns long', () => {
  let app: App;
  let threadId: string;
  let path: string;
  let running: string;
  let gateCount = 0;

  const page = async (query: string): Promise<TurnPage> =>
    (await app.get(`${path}?${query}`).expect(200)).body as TurnPage;
  const idsOf = ({ data }: TurnPage): string[] => data.map(({ turn_id: turnId }) => turnId);
  const waiting = async (): Promise<string[]> => idsOf(await page('status=queued&sort_direction=asc'));
  const submit = async (script: string): Promise<string> => (await app.submit(threadId, script)).turn_id;
  const endsOf = async (turnIds: readonly string[]): Promise<Json[]> => {
    const stream = await app.stream(threadId, '?after=0');
    for (const turnId of turnIds) {
      await stream.until(
        ({ event, data }) => data.turn_id === turnId && /turn\/(completed|cancelled)/.test(event ?? ''),
      );
    }
    stream.close();
    const ends = stream.events.filter(({ event }) => event === 'turn/completed' || event === 'turn/cancelled');
    return ends.map(({ data }) => ({ id: data.turn_id, status: (data.turn as Json).status }));
  };

  beforeAll(async () => {
    app = await App.start({ args: ['--max-queued-turns', '3'] });
  });

  beforeEach(async () => {
    gateCount += 1;
    threadId = await app.createThread();
    path = `/api/v2/threads/${threadId}/turns`;
    running = await submit(`gate: queue-${String(gateCount)}`);
    await app.model.reached(`queue-${String(gateCount)}`);
  });

  afterAll(async () => {
    await app.stop();
  });

  it('lists what waits in its order, page by page, and what runs', async () => {
    const queued = [await submit('say: One.'), await submit('say: Two.'), await submit('say: Three.')];
    expect(await waiting()).toEqual(queued);
    const first = await page('status=queued&sort_direction=asc&limit=2');
    const second = await page(`status=queued&sort_direction=asc&limit=2&cursor=${first.next_cursor ?? ''}`);
    expect([idsOf(first), idsOf(second), second.next_cursor]).toEqual([queued.slice(0, 2), queued.slice(2), null]);
    expect(idsOf(await page('status=in_progress'))).toEqual([running]);
    expect(await page('status=completed')).toEqual({ data: [], next_cursor: null });
    expect(await refusal(app.get(`${path}?status=waiting`))).toMatchObject({ status: 400, paths: ['status'] });
    expect(await refusal(app.get(`${path}?status=completed&cursor=${first.next_cursor ?? ''}`))).toMatchObject({
      status: 400,
    });
    app.model.release(`queue-${String(gateCount)}`);
    expect(await endsOf(queued)).toEqual([running, ...queued].map((id) => ({ id, status: 'completed' })));
    expect(idsOf(await page('status=completed&sort_direction=asc'))).toEqual([running, ...queued]);
  });

  it('takes no more than three, says when to come again, and takes the same request then', async () => {
    const queued = [await submit('say: One.'), await submit('say: Two.'), await submit('say: Three.')];
    const fourth = () => app.post(path, text('say: Four.')).set('Idempotency-Key', `four-${threadId}`);
    const full = await fourth();
    expect([full.status, (full.body as Json).code]).toEqual([429, 'rate_limited']);
    expect(full.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    await app.post(`${path}/${queued[1] ?? ''}/interrupt`).expect(200);
    const accepted = (await fourth().expect(202)).body as { turn_id: string };
    expect(await waiting()).toEqual([queued[0], queued[2], accepted.turn_id]);
    expect(await app.submit(threadId, 'say: Steered.', { on_busy: 'steer' })).toMatchObject({ turn_id: running });
    app.model.release(`queue-${String(gateCount)}`);
    await endsOf([accepted.turn_id]);
  });

  it('is on the disk before it is acknowledged, and runs after a death in its order, without what was cancelled', async () => {
    const [first, second, third] = [
      await submit('say: One.'),
      await submit('run: touch no.txt'),
      await submit('say: 3.'),
    ];
    await app.post(`${path}/${second}/interrupt`).expect(200);
    await app.server.signal('SIGKILL');
    await app.restart();
    expect(await endsOf([third])).toEqual([
      { id: second, status: 'cancelled' },
      { id: running, status: 'interrupted' },
      { id: first, status: 'completed' },
      { id: third, status: 'completed' },
    ]);
    expect(existsSync(join(app.scratch.workspace, 'no.txt'))).toBe(false);
    expect(await waiting()).toEqual([]);
  });
});
