import { EventBus } from '../../../../src/core/events/event-bus.js';
import { follow, type Followed } from '../../../../src/core/events/follow.js';
import { commit, eventOf, MemoryEvents } from './memory-events.js';

const THREAD = 't1';

describe('follow', () => {
  let log: MemoryEvents;
  let bus: EventBus;
  let seq: number;

  beforeEach(() => {
    log = new MemoryEvents();
    bus = new EventBus();
    seq = 0;
  });

  function emit(count: number, text = ''): void {
    const batch = Array.from({ length: count }, () => {
      seq += 1;
      return eventOf(THREAD, seq, seq * 2, text);
    });
    commit(log, bus, batch);
  }

  interface Reader {
    told: Followed[];
    numbers: () => number[];
    isLive: Promise<void>;
    stop: () => void;
  }

  function read(
    after: number,
    whenDrained = (): Promise<void> => Promise.resolve(),
    threadId: string | null = THREAD,
    more: { isReady?: () => boolean } = {},
  ): Reader {
    const told: Followed[] = [];
    const live = Promise.withResolvers<undefined>();
    const subscription = follow({ log, bus }, { threadId, after, whenDrained, ...more }).subscribe({
      next: (news) => {
        told.push(news);
        if (news.type === 'live') {
          live.resolve(undefined);
        }
      },
      error: (error) => {
        live.reject(error);
      },
    });
    const numbers = (): number[] =>
      told.flatMap((news) =>
        news.type === 'batch' ? news.batch.map((event) => (threadId === null ? event.globalSeq : event.seq)) : [],
      );
    const stop = (): void => {
      subscription.unsubscribe();
    };
    return { told, numbers, isLive: live.promise, stop };
  }

  const upTo = (last: number, first = 1): number[] =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index);

  it('tells what is stored after the number, then that it is live, then what happens', async () => {
    emit(5);
    const reader = read(2);
    await reader.isLive;
    emit(2);
    expect(reader.numbers()).toEqual([3, 4, 5, 6, 7]);
    expect(reader.told.map(({ type }) => type)).toEqual(['batch', 'live', 'batch']);
  });

  it('tells a reader who falls behind the rest out of the log, when it can take more', async () => {
    emit(2);
    let isReady = true;
    let drained = Promise.withResolvers<undefined>();
    drained.resolve(undefined);
    const whenDrained = async (): Promise<void> => {
      await drained.promise;
    };
    const reader = read(0, whenDrained, THREAD, { isReady: () => isReady });
    await reader.isLive;
    isReady = false;
    drained = Promise.withResolvers<undefined>();
    emit(3);
    emit(40);
    await Promise.resolve();
    expect(reader.numbers()).toEqual([1, 2]);
    expect(reader.told.map(({ type }) => type)).toEqual(['batch', 'live', 'behind']);
    isReady = true;
    drained.resolve(undefined);
    while (reader.told.at(-1)?.type !== 'live') {
      await new Promise((resolve) => setImmediate(resolve));
    }
    emit(1);
    expect(reader.numbers()).toEqual(upTo(46));
  });

  it('tells what is too large to be told at once in pieces, each when the last was taken', async () => {
    let waits = 0;
    const whenDrained = (): Promise<void> => {
      waits += 1;
      return Promise.resolve();
    };
    const reader = read(0, whenDrained, THREAD, { isReady: () => true });
    await reader.isLive;
    waits = 0;
    emit(10, 'x'.repeat(200_000));
    while (reader.told.filter(({ type }) => type === 'live').length < 2) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(reader.numbers()).toEqual(upTo(10));
    expect(waits).toBeGreaterThanOrEqual(4);
    const sizes = reader.told.map((news) => (news.type === 'batch' ? news.batch.length : 0));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2);
  });

  it('passes live batches on as they are, so that they are formatted once for all', async () => {
    const [one, two] = [read(0), read(0)];
    await Promise.all([one.isLive, two.isLive]);
    emit(3);
    const last = (reader: Reader): unknown => (reader.told.at(-1) as { batch: unknown }).batch;
    expect(last(one)).toBe(last(two));
  });

  it('neither misses nor repeats what is committed in the middle of any of its reads', async () => {
    emit(1200);
    log.duringRead = () => {
      emit(seq < 4000 ? 130 : 0);
    };
    const reader = read(0);
    await reader.isLive;
    emit(1);
    expect(reader.numbers()).toEqual(upTo(seq));
  });

  it('cuts a live batch that was told in part already', async () => {
    emit(4);
    const reader = read(4);
    await reader.isLive;
    bus.publish([eventOf(THREAD, 3), eventOf(THREAD, 4), eventOf(THREAD, 5)]);
    bus.publish([eventOf(THREAD, 5)]);
    expect(reader.numbers()).toEqual([5]);
  });

  it('answers a number ahead of the log, or one not kept any more, with a gap and the earliest that is kept', async () => {
    emit(10);
    log.earliestSeq = 4;
    const bounds = { earliestSeq: 4, latestSeq: 10 };
    for (const requested of [11, 2]) {
      const reader = read(requested);
      await reader.isLive;
      expect(reader.told[0]).toEqual({ type: 'gap', requested, ...bounds });
      expect(reader.numbers()).toEqual(upTo(10, 4));
    }
    const exact = read(3);
    await exact.isLive;
    expect(exact.told[0]?.type).toBe('batch');
  });

  it('never reads ahead of a reader that takes its time, and does not keep what comes meanwhile', async () => {
    emit(1200);
    const waits: (() => void)[] = [];
    const reader = read(0, () => new Promise((resolve) => waits.push(resolve)));
    const takenAfter = async (): Promise<number> => {
      waits.shift()?.();
      await new Promise(setImmediate);
      return reader.numbers().length;
    };
    expect(await takenAfter()).toBe(32);
    emit(300);
    expect([await takenAfter(), await takenAfter(), await takenAfter()]).toEqual([532, 1032, 1500]);
    while (waits.length > 0) {
      await takenAfter();
    }
    await reader.isLive;
    expect(reader.numbers()).toEqual(upTo(1500));
  });

  it('reads fewer at a time where events are large', async () => {
    emit(600, 'x'.repeat(10_000));
    const reader = read(0);
    await reader.isLive;
    expect(reader.numbers()).toEqual(upTo(600));
    expect(log.reads[1]?.limit).toBeLessThan(30);
  });

  it('follows the server-wide sequence by its own numbers', async () => {
    emit(3);
    commit(log, bus, [eventOf('t2', 1, 7)]);
    const reader = read(2, undefined, null);
    await reader.isLive;
    commit(log, bus, [eventOf('t2', 2, 8)]);
    expect(reader.numbers()).toEqual([4, 6, 7, 8]);
  });

  /** What a reader has been told of: every number that came, and every one that was said to be gone. */
  const accountedFor = ({ told }: Reader): number[] =>
    told.flatMap((news) => {
      if (news.type === 'gap') {
        return upTo(news.earliestSeq - 1, news.requested + 1);
      }
      return news.type === 'batch' ? news.batch.map(({ globalSeq }) => globalSeq) : [];
    });

  it('tells each hole of the server-wide sequence as a gap, so that no number is passed over unsaid', async () => {
    const events = upTo(1500).map((number) => eventOf(`t${String(number % 3)}`, number, number));
    commit(log, bus, events);
    log.stored.splice(0, Infinity, ...events.filter(({ threadId, globalSeq }) => threadId !== 't1' && globalSeq !== 9));
    log.latestSeq = 1502;
    const reader = read(5, undefined, null);
    await reader.isLive;
    commit(log, bus, [eventOf('t2', 1503, 1503)]);
    expect(accountedFor(reader)).toEqual(upTo(1503, 6));
    expect(reader.told.slice(0, 5)).toMatchObject([
      { type: 'batch', batch: [{ globalSeq: 6 }] },
      { type: 'gap', requested: 6, earliestSeq: 8, latestSeq: 1502 },
      { type: 'batch', batch: [{ globalSeq: 8 }] },
      { type: 'gap', requested: 8, earliestSeq: 11, latestSeq: 1502 },
      { type: 'batch', batch: [{ globalSeq: 11 }, { globalSeq: 12 }] },
    ]);
    expect(reader.told.slice(-3)).toMatchObject([
      { type: 'gap', requested: 1500, earliestSeq: 1503, latestSeq: 1502 },
      { type: 'live' },
      { type: 'batch' },
    ]);
  });

  it('tells a gap when what it was about to read is deleted meanwhile', async () => {
    emit(1200);
    log.duringRead = () => {
      log.earliestSeq = 801;
    };
    const reader = read(0);
    await reader.isLive;
    expect(reader.numbers()).toEqual([...upTo(32), ...upTo(1200, 801)]);
    expect(reader.told[1]).toEqual({ type: 'gap', requested: 32, earliestSeq: 801, latestSeq: 1200 });
  });

  it('ends its part when nobody listens any more, and tells a failure of the log', async () => {
    emit(1200);
    const gone = read(0);
    gone.stop();
    await new Promise(setImmediate);
    expect(log.reads).toHaveLength(0);
    log.duringRead = () => {
      throw new Error('The disk is gone.');
    };
    await expect(read(0).isLive).rejects.toThrow('The disk is gone.');
  });
});
