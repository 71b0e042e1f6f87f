import { BufferBudget } from '../../../src/http/limits/buffer-budget.js';

const REFUSAL = expect.objectContaining({ code: 'rate_limited', retryAfterSeconds: 5 }) as Error;

describe('BufferBudget', () => {
  const budget = new BufferBudget({ maxBufferedBytes: 100, maxBufferedBytesPerToken: 60 });

  it('holds so much of a caller, and so much of all, whatever the number of their requests', () => {
    const [first, second, other] = [budget.open('ann'), budget.open('ann'), budget.open('ben')];
    first.add(40);
    second.add(20);
    expect(() => {
      second.add(1);
    }).toThrow(REFUSAL);
    other.add(40);
    expect(() => {
      other.add(1);
    }).toThrow(REFUSAL);
    expect([budget.heldBytes, budget.refusedCount, first.bytes, second.bytes, other.bytes]).toEqual([
      100, 2, 40, 20, 40,
    ]);
    first.close();
    other.requireRoom(20);
    expect(() => {
      other.requireRoom(21);
    }).toThrow(REFUSAL);
    expect(budget.heldBytes).toBe(60);
    second.close();
    other.close();
    other.close();
    expect(budget.heldBytes).toBe(0);
  });

  it('takes nothing for a share that is closed, or that only asked', () => {
    const share = budget.open('ann');
    share.requireRoom(60);
    share.add(10);
    share.close();
    share.close();
    expect([share.bytes, budget.heldBytes, budget.largestBytes]).toEqual([0, 0, 60]);
  });
});
