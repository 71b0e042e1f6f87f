import { NotificationDeduplicator } from '../../../../src/codex/process/notification-deduplicator.js';

describe('what several processes of the engine say of the state that they share', () => {
  const first = { place: 0, isBeginning: false };
  const second = { place: 1, isBeginning: false };
  let news: NotificationDeduplicator;

  beforeEach(() => {
    news = new NotificationDeduplicator();
  });

  it('is told once, and again when it happens again', () => {
    const told = [first, second, first, second].map((source) => news.isNews('skills/changed', {}, source));
    expect(told).toEqual([true, false, true, false]);
  });

  it('is told when they differ', () => {
    expect(news.isNews('configWarning', { summary: 'a' }, first)).toBe(true);
    expect(news.isNews('configWarning', { summary: 'b' }, second)).toBe(true);
  });

  it('is not told once more by a process that has just taken the place of another', () => {
    news.isNews('configWarning', { summary: 'a' }, first);
    expect(news.isNews('configWarning', { summary: 'a' }, { place: 0, isBeginning: true })).toBe(false);
    expect(news.isNews('configWarning', { summary: 'b' }, { place: 0, isBeginning: true })).toBe(true);
  });

  it('leaves everything alone that a process says of its own doings', () => {
    const told = [first, second].map((source) => news.isNews('account/rateLimits/updated', {}, source));
    expect(told).toEqual([true, true]);
  });
});
