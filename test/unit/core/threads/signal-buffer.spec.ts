import { SignalBuffer } from '../../../../src/core/threads/signal-buffer.js';

const told: string[] = [];
const tell = (what: string) => (): void => {
  told.push(what);
};

beforeEach(() => {
  told.length = 0;
});

it('keeps what is said until the work is done, then tells it in its order', async () => {
  const hold = new SignalBuffer();
  const answer = Promise.withResolvers<string>();
  const work = hold.during(async () => {
    const turn = await answer.promise;
    told.push(`begun ${turn}`);
    return turn;
  });
  // In one piece with the answer: it is heard before the one who waits for that goes on.
  answer.resolve('review');
  expect(hold.isHolding).toBe(true);
  hold.keep(tell('turn/started'));
  hold.keep(tell('item/started'));
  expect(await work).toBe('review');
  expect(told).toEqual(['begun review', 'turn/started', 'item/started']);
  expect(hold.isHolding).toBe(false);
});

it('tells it also when the work fails, but not what an engine said that is gone', async () => {
  const hold = new SignalBuffer();
  const failed = hold.during(() => {
    hold.keep(tell('of the dead'));
    hold.drop();
    hold.keep(tell('of the next'));
    return Promise.reject(new Error('no'));
  });
  await expect(failed).rejects.toThrow('no');
  expect(told).toEqual(['of the next']);
});
