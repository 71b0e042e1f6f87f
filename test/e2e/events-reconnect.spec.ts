import { App } from '../support/start-app.js';
import { followWithDrops } from '../support/dropping-client.js';
import { seededRandom } from '../support/seeded-random.js';
import { type SseFrame } from '../support/sse-reader.js';

const isTurnEnd = ({ event }: SseFrame): boolean => event === 'turn/completed';
const bytesOf = (frames: readonly SseFrame[]): string[] =>
  frames.map(({ id, event, text }) => `${String(id)} ${String(event)} ${text}`);

describe('a client that reconnects', () => {
  let app: App;

  beforeAll(async () => {
    app = await App.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  async function wholeTurn(threadId: string): Promise<string[]> {
    const stream = await app.stream(threadId, '?after=0');
    const end = await stream.until(isTurnEnd);
    stream.close();
    return bytesOf(stream.events.slice(0, Number(end.id)));
  }

  it('misses and repeats nothing of 5,000 deltas, as one of 20 who drop and come back at different places', async () => {
    const threadId = await app.createThread();
    const clients = Array.from({ length: 20 }, (_, index) => {
      const random = seededRandom(index + 1);
      return followWithDrops(app, threadId, () => 1 + Math.floor(random() * 1500), isTurnEnd);
    });
    await app.submit(threadId, 'deltas: 5000');
    const followed = await Promise.all(clients);
    const whole = await wholeTurn(threadId);

    expect(whole.length).toBeGreaterThan(5000);
    for (const { events, connections } of followed) {
      expect(connections).toBeGreaterThan(2);
      expect(bytesOf(events)).toEqual(whole);
    }
  });

  it('gets everything though it comes back again and again while a fast turn streams', async () => {
    const threadId = await app.createThread();
    const client = followWithDrops(app, threadId, () => 40, isTurnEnd);
    await app.submit(threadId, 'deltas: 4000 per-write=32');
    const { events, connections } = await client;
    expect(connections).toBeGreaterThan(80);
    expect(bytesOf(events)).toEqual(await wholeTurn(threadId));
  });

  it('begins right behind what the first frame tells, when it arrives in the middle of a fast turn', async () => {
    const threadId = await app.createThread();
    const watcher = await app.stream(threadId);
    await watcher.until('stream/live');
    await app.submit(threadId, 'deltas: 5000 per-write=32\ngate: all joined\nsay: The end.');
    await watcher.until('item/agentMessage/delta');
    const streams = [];
    for (let count = 0; count < 12; count += 1) {
      const stream = await app.stream(threadId);
      streams.push(stream);
      await stream.until('stream/opened');
    }
    app.model.release('all joined');
    await watcher.until(isTurnEnd);
    watcher.close();
    const firsts = await Promise.all(
      streams.map(async (stream) => {
        const opened = await stream.until('stream/opened');
        const first = await stream.until(({ id }) => id !== undefined);
        stream.close();
        return [first.data.seq, Number(opened.data.latest_seq) + 1];
      }),
    );
    expect(firsts.filter(([seq, expected]) => seq !== expected)).toEqual([]);
  });

  it('gets large events one by one at its own pace', async () => {
    const threadId = await app.createThread();
    const client = followWithDrops(app, threadId, () => 60, isTurnEnd);
    await app.submit(threadId, 'deltas: 150 size=20000');
    const { events } = await client;
    expect(bytesOf(events)).toEqual(await wholeTurn(threadId));
  });
});
