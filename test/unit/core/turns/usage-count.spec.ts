import { toServiceEvent } from '../../../../src/core/events/catalogue.js';
import { UsageCount } from '../../../../src/core/turns/usage-count.js';

const counts = (input: number, output: number): Record<string, number> => ({
  input_tokens: input,
  output_tokens: output,
  total_tokens: input + output,
});

const told = (total: object, last: object): { token_usage: Record<string, unknown> } => ({
  token_usage: { total, last },
});

describe('UsageCount', () => {
  const hear = (count: UsageCount, total: object, last: object): unknown =>
    count.hear(toServiceEvent('thread/tokenUsage/updated', told(total, last)));
  const summary = (count: UsageCount, name: string): unknown =>
    count.hear(toServiceEvent(name, { item: { id: 'c', type: 'context_compaction' } }));

  it('tells each call of which the engine tells', () => {
    const count = new UsageCount();
    expect(hear(count, counts(10, 1), counts(10, 1))).toEqual(counts(10, 1));
    expect(hear(count, counts(30, 3), counts(20, 2))).toEqual(counts(20, 2));
  });

  it('takes the last call where it does not know what was before', () => {
    expect(hear(new UsageCount(), counts(5000, 500), counts(10, 1))).toEqual(counts(10, 1));
    expect(hear(new UsageCount(null), counts(5000, 500), counts(10, 1))).toEqual(counts(10, 1));
  });

  it('goes on from the total that it is made with, and from one that the engine states', () => {
    expect(hear(new UsageCount(counts(100, 10)), counts(120, 12), counts(20, 2))).toEqual(counts(20, 2));
    const count = new UsageCount(counts(100, 10));
    count.restate(told(counts(900, 90), counts(50, 5)).token_usage);
    expect(hear(count, counts(910, 91), counts(10, 1))).toEqual(counts(10, 1));
  });

  it('counts nothing twice that the engine tells twice', () => {
    const count = new UsageCount();
    hear(count, counts(10, 1), counts(10, 1));
    expect(hear(count, counts(10, 1), counts(10, 1))).toBeUndefined();
    expect(hear(count, counts(10, 1), { ...counts(0, 0), total_tokens: 7000 })).toBeUndefined();
  });

  it('takes what is told when a summary begins as what was before', () => {
    const count = new UsageCount();
    summary(count, 'item/started');
    expect(hear(count, counts(5000, 500), counts(70, 7))).toBeUndefined();
    expect(hear(count, counts(5040, 504), counts(40, 4))).toEqual(counts(40, 4));
    expect(hear(count, counts(5040, 504), { ...counts(0, 0), total_tokens: 7000 })).toBeUndefined();
    summary(count, 'item/completed');
    count.reset();
    expect(hear(count, counts(300, 30), counts(10, 1))).toEqual(counts(10, 1));
  });

  it('hears of no summary any more when its turn has ended without one', () => {
    const count = new UsageCount();
    summary(count, 'item/started');
    count.hear(toServiceEvent('turn/completed', { turn: {} }));
    expect(hear(count, counts(5000, 500), counts(10, 1))).toEqual(counts(10, 1));
  });

  it('takes the last call when the total went back, and all of it when calls were not told', () => {
    const count = new UsageCount(counts(900, 90));
    expect(hear(count, counts(110, 11), counts(10, 1))).toEqual(counts(10, 1));
    expect(hear(count, counts(160, 16), counts(20, 2))).toEqual(counts(50, 5));
  });

  it('says what was used before the engine could tell, if that is known', () => {
    expect(new UsageCount().restate(told(counts(10, 1), counts(10, 1)).token_usage)).toBeUndefined();
    const count = new UsageCount(counts(10, 1));
    expect(count.restate(told(counts(10, 1), counts(10, 1)).token_usage)).toBeUndefined();
    expect(count.restate(told(counts(25, 2), counts(15, 1)).token_usage)).toEqual(counts(15, 1));
    expect(count.restate(told(counts(5, 0), counts(5, 0)).token_usage)).toBeUndefined();
  });

  it('takes what makes no sense for nothing', () => {
    const count = new UsageCount({ input_tokens: 'many' });
    expect(count.hear(toServiceEvent('thread/tokenUsage/updated', { token_usage: null }))).toBeUndefined();
    expect(count.hear(toServiceEvent('thread/tokenUsage/updated', {}))).toBeUndefined();
    expect(count.hear(toServiceEvent('item/started', {}))).toBeUndefined();
    expect(count.restate({})).toBeUndefined();
  });
});
