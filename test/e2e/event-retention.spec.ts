import { type SseFrame } from '../support/sse-reader.js';
import { App, type Json } from '../support/start-app.js';

const KEPT = 20;

describe('events that are not kept any more', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start({ args: ['--event-retention-count', String(KEPT)] });
  });

  afterAll(async () => {
    await app.stop();
  });

  const path = (threadId: string | null): string =>
    threadId === null ? '/api/v2/events' : `/api/v2/threads/${threadId}/events`;

  /** The frames up to `stream/live`. */
  async function replay(threadId: string | null, query: string): Promise<SseFrame[]> {
    const stream = threadId === null ? await app.allEvents(query) : await app.stream(threadId, query);
    await stream.until('stream/live');
    stream.close();
    return stream.frames;
  }

  /** Everything that was asked for: the ids that came, and those that were said to be gone. */
  function accountedFor(frames: readonly SseFrame[]): number[] {
    return frames.flatMap(({ id, event, data }) => {
      if (event !== 'stream/gap') {
        return id === undefined ? [] : [Number(id)];
      }
      const { requested, earliest_seq: earliest } = data as { requested: number; earliest_seq: number };
      return range(requested + 1, earliest - 1);
    });
  }

  const range = (first: number, last: number): number[] =>
    Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);

  const latestOf = (frames: readonly SseFrame[]): number => Number(frames[0]?.data.latest_seq);

  it('are told as a gap on the stream of their thread and of the server, while the history stays', async () => {
    const other = await app.createThread();
    await app.runTurn(other, 'say: Of another thread.');
    const threadId = await app.createThread();
    const turn = await app.runTurn(threadId, 'deltas: 60\nsay: All of it.');
    await app.runTurn(other, 'say: And once more.');
    const before = await replay(threadId, '?after=0');
    const history = (await app.get(`/api/v2/threads/${threadId}/turns`)).body as Json;
    await app.terminate();
    await app.restart();

    let frames: SseFrame[];
    do {
      frames = await replay(threadId, '?after=0');
      // In the middle of a sweep there are gaps behind the first event, too.
    } while (frames[1]?.event !== 'stream/gap' || Number(frames[1].data.earliest_seq) <= latestOf(frames) - KEPT);
    const latest = latestOf(frames);
    const earliest = latest - KEPT + 1;
    expect(frames[1]).toMatchObject({
      id: undefined,
      event: 'stream/gap',
      data: { requested: 0, earliest_seq: earliest, latest_seq: latest },
    });
    expect(frames.filter(({ id }) => id !== undefined)).toEqual(before.filter(({ id }) => Number(id) >= earliest));
    expect(accountedFor(frames)).toEqual(range(1, latest));
    const within = await replay(threadId, `?after=${String(earliest + 3)}`);
    expect(accountedFor(within)).toEqual(range(earliest + 4, latest));
    expect(within.some(({ event }) => event === 'stream/gap')).toBe(false);

    const all = await replay(null, '?after=0');
    expect(accountedFor(all)).toEqual(range(1, latestOf(all)));
    expect(all.filter(({ event }) => event === 'stream/gap').length).toBeGreaterThan(0);

    expect((await app.get(`/api/v2/threads/${threadId}/turns`)).body).toEqual(history);
    expect((await app.get(`/api/v2/threads/${threadId}/turns/${turn.turn_id}`)).body).toMatchObject({
      status: 'completed',
      items: turn.items,
    });
    expect(await app.runTurn(threadId, 'say: Goes on.')).toMatchObject({ status: 'completed' });
  });

  it('of a deleted thread are a gap too, but not the word that it was deleted', async () => {
    const live = await app.allEvents();
    await live.until('stream/live');
    const from = latestOf(live.frames);
    const threadId = await app.createThread();
    await app.runTurn(threadId, 'say: Soon gone.');
    await app.delete(`/api/v2/threads/${threadId}`).expect(204);
    const deleted = await live.until('thread/deleted');
    live.close();
    const frames = await replay(null, `?after=${String(from)}`);
    expect(accountedFor(frames)).toEqual(range(from + 1, latestOf(frames)));
    const events = frames.filter(({ id }) => id !== undefined);
    expect(events).toContainEqual(deleted);
    expect(events.filter(({ data }) => data.thread_id === threadId)).toEqual([deleted]);
    expect((await app.get(path(threadId))).status).toBe(404);
  });
});
