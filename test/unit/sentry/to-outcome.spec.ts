import { toOutcome } from '../../../src/sentry/to-outcome.js';

const NOW_MS = Date.parse('2026-01-02T03:04:05.000Z');
const outcomeOf = (statusCode: number, headers: Record<string, string> = {}): unknown =>
  toOutcome({ statusCode, rateLimits: headers['x-sentry-rate-limits'], retryAfter: headers['retry-after'] }, NOW_MS);

describe('toOutcome', () => {
  it.each([200, 201])('takes %i as delivered', (status) => {
    expect(outcomeOf(status)).toEqual({ type: 'delivered', waitMs: null });
  });

  it.each([400, 401, 403, 404, 413])('takes %i as refused for good', (status) => {
    expect(outcomeOf(status, { 'retry-after': '5' })).toEqual({
      type: 'refused',
      reason: `Sentry answered ${String(status)}.`,
    });
  });

  it.each([301, 408, 500, 502, 503])('takes %i as worth another attempt', (status) => {
    const reason = `Sentry answered ${String(status)}.`;
    expect(outcomeOf(status)).toEqual({ type: 'postponed', waitMs: null, reason });
    expect(outcomeOf(status, { 'retry-after': '5' })).toEqual({ type: 'postponed', waitMs: 5000, reason });
  });

  it.each([
    ['seconds', { 'retry-after': '3' }, 3000],
    ['none', { 'retry-after': '0' }, 0],
    ['a date', { 'retry-after': 'Fri, 02 Jan 2026 03:04:15 GMT' }, 10_000],
    ['a date that is over', { 'retry-after': 'Fri, 02 Jan 2026 03:04:00 GMT' }, 0],
    ['nonsense', { 'retry-after': 'soon' }, 60_000],
    ['nothing', {}, 60_000],
    ['a limit for all', { 'x-sentry-rate-limits': '20::organization', 'retry-after': '3' }, 20_000],
    ['the longest of its limits', { 'x-sentry-rate-limits': '20:error, 30:feedback;error:project' }, 30_000],
    ['a limit of attachments', { 'x-sentry-rate-limits': '15:attachment:project:reason' }, 15_000],
    ['a limit without a time', { 'x-sentry-rate-limits': ':feedback' }, 60_000],
    ['a limit of others', { 'x-sentry-rate-limits': '20:error:project' }, 60_000],
  ])('waits after a 429 as long as it says: %s', (_name, headers, waitMs) => {
    expect(outcomeOf(429, headers)).toEqual({ type: 'postponed', waitMs, reason: 'Sentry answered 429.' });
  });

  it('heeds a limit that comes with a success', () => {
    expect(outcomeOf(200, { 'x-sentry-rate-limits': '7:feedback' })).toEqual({ type: 'delivered', waitMs: 7000 });
    expect(outcomeOf(200, { 'x-sentry-rate-limits': '7:error' })).toEqual({ type: 'delivered', waitMs: null });
  });
});
