import { jest } from '@jest/globals';
import { Announcements } from '../../../src/codex/announcements.js';

describe('Announcements', () => {
  let announcements: Announcements;
  const make = async (id: string): Promise<string> =>
    (await announcements.during(() => Promise.resolve({ thread: { id } }))).thread.id;

  const hear = (id: string): void => {
    announcements.hear('thread/started', { thread: { id } });
  };

  beforeEach(() => {
    announcements = new Announcements();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('waits for the word of the thread, also of several at once', async () => {
    const made: string[] = [];
    const [first, second] = ['first', 'second'].map((id) => make(id).then((threadId) => made.push(threadId)));
    await Promise.resolve();
    hear('another');
    hear('second');
    await second;
    expect(made).toEqual(['second']);
    hear('first');
    await first;
    expect(made).toEqual(['second', 'first']);
  });

  it('waits no more for what was said before the answer', async () => {
    const answer = Promise.withResolvers<{ thread: { id: string } }>();
    const made = announcements.during(() => answer.promise);
    hear('early');
    answer.resolve({ thread: { id: 'early' } });
    expect(await made).toEqual({ thread: { id: 'early' } });
  });

  it('fails when the process of the thread ends, and with the call itself', async () => {
    const made = make('lost');
    const other = make('kept');
    await Promise.resolve();
    await Promise.resolve();
    announcements.lost(new Set(['lost']));
    await expect(made).rejects.toMatchObject({ code: 'engine_unavailable', retryAfterSeconds: 1 });
    hear('kept');
    await expect(other).resolves.toBe('kept');
    await expect(announcements.during(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });

  it('does not wait without an end', async () => {
    jest.useFakeTimers();
    const made = make('silent');
    await Promise.resolve();
    await Promise.resolve();
    jest.advanceTimersByTime(60_000);
    await expect(made).rejects.toMatchObject({ code: 'timeout' });
  });
});
