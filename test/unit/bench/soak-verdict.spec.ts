import { judge, type Series } from '../../../bench/soak/verdict.ts';

const series = (values: readonly number[], allowance = { share: 0.1, plus: 5 }): Series => ({
  name: 'memory',
  unit: 'MB',
  values,
  allowance,
});
const steps = (count: number, valueOf: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => valueOf(i));

describe('the verdict of the soak', () => {
  it('takes what stays where it is for flat', () => {
    expect(judge(series(steps(40, () => 100)))).toEqual({
      ...{ name: 'memory', unit: 'MB', early: 100, late: 100, isFlat: true },
      atMost: expect.closeTo(115) as number,
    });
  });

  it.each<[string, number[], boolean]>([
    ['warming up in the first quarter', steps(40, (i) => Math.min(i, 10) * 10), true],
    ['growth that goes on', steps(40, (i) => 100 + i), false],
    ['growth that is allowed', steps(40, (i) => 100 + i / 4), true],
    ['ups and downs around the same floor', steps(40, (i) => (i % 4 === 3 ? 400 : 100)), true],
    ['ups and downs around a floor that rises', steps(40, (i) => (i % 4 === 3 ? 400 : 100 + i)), false],
    ['single peaks at the end', steps(40, (i) => (i > 37 ? 900 : 100)), true],
    ['a step in the middle that stays', steps(40, (i) => (i < 20 ? 100 : 130)), false],
    ['what falls', steps(40, (i) => 200 - i), true],
    ['the fewest samples', steps(8, (i) => (i < 6 ? 10 : 30)), false],
  ])('%s', (_what, values, isFlat) => {
    expect(judge(series(values)).isFlat).toBe(isFlat);
  });

  it('says nothing of fewer than eight samples', () => {
    expect(() => judge(series([1, 2, 3, 4, 5, 6, 7]))).toThrow(RangeError);
  });
});
