import { jest } from '@jest/globals';
import { InstantClock } from '../../../../src/core/events/event.js';

describe('the clock of events', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([0, 7, 999, 1000, 1_795_251_762_007, 1_795_251_762_070, 1_795_251_761_999, 4_102_444_800_000])(
    'tells %d as the system does, also after it was set back',
    (ms) => {
      jest.useFakeTimers({ now: 1_795_251_762_500 });
      const clock = new InstantClock();
      clock.now();
      jest.setSystemTime(ms);
      expect(clock.now()).toEqual({ ms, iso: new Date(ms).toISOString() });
      jest.setSystemTime(ms + 1);
      expect(clock.now()).toEqual({ ms: ms + 1, iso: new Date(ms + 1).toISOString() });
    },
  );
});
