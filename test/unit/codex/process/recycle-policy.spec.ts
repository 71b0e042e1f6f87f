import { minRecycleAgeMs, recycleReason, wasReplacedSoon } from '../../../../src/codex/process/recycle-policy.js';

const LIMITS = { maxMemoryBytes: 100 * 1024 * 1024, maxChildren: 10, maxAgeMs: 60_000 };
const NONE = { maxMemoryBytes: 0, maxChildren: 0, maxAgeMs: 0 };
const MEBIBYTE = 1024 * 1024;
const TOO_LARGE = 'It takes 101 MiB of memory, with its children.';

describe('when an engine process is replaced', () => {
  it.each([
    { what: 'is well', sample: { rssBytes: 100 * MEBIBYTE, children: 10 }, ageMs: 60_000, reason: undefined },
    { what: 'is large', sample: { rssBytes: 101 * MEBIBYTE, children: 0 }, reason: TOO_LARGE },
    { what: 'has many children', sample: { rssBytes: 0, children: 11 }, reason: 'It has 11 child processes.' },
    { what: 'is old', sample: { rssBytes: 0, children: 0 }, ageMs: 120_000, reason: 'It is 2 minutes old.' },
    { what: 'is old and not measured', sample: undefined, ageMs: 120_000, reason: 'It is 2 minutes old.' },
    { what: 'is not measured', sample: undefined, reason: undefined },
    { what: 'has no limits', sample: { rssBytes: 1e12, children: 1e6 }, ageMs: 1e12, limits: NONE, reason: undefined },
  ])('one that $what', ({ sample, ageMs = 0, limits = LIMITS, reason }) => {
    expect(recycleReason(sample, ageMs, limits)).toBe(reason);
  });

  it('ever more rarely while replacing does not help, and at most a thousand times as rarely', () => {
    expect([0, 1, 2, 10, 50].map((inARow) => minRecycleAgeMs(1000, inARow))).toEqual([
      3000, 6000, 12_000, 3_072_000, 3_072_000,
    ]);
    expect([wasReplacedSoon(11_999, 1000, 0), wasReplacedSoon(12_000, 1000, 0)]).toEqual([true, false]);
  });
});
