import { SharedNews } from '../../../src/codex/process/shared-news.js';

describe('what several processes of the engine say of the state that they share', () => {
  const first = { place: 0, isBeginning: false };
  const second = { place: 1, isBeginning: false };
  let news: SharedNews;

  beforeEach(() => {
    news = new SharedNews();
  });

  it('is told once, and again when it happens again', () => {
    const told = [first, second, first, second].map((teller) => news.isNews('skills/changed', {}, teller));
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
    const told = [first, second].map((teller) => news.isNews('account/rateLimits/updated', {}, teller));
    expect(told).toEqual([true, true]);
  });
});
