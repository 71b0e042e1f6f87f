import { EventEmitter } from 'node:events';
import { type ServerResponse } from 'node:http';
import { StreamSlots } from '../../../src/http/limits/stream-slots.js';

const answer = (): ServerResponse => new EventEmitter() as ServerResponse;

function refusalOf(slots: StreamSlots, callerId: string): unknown {
  try {
    slots.admit(answer(), callerId);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('StreamSlots', () => {
  it('refuses a caller who has as many as it may, and gives back what is closed', () => {
    const slots = new StreamSlots({ maxStreams: 10, maxStreamsPerToken: 2 });
    const first = answer();
    slots.admit(first, 'ann');
    slots.admit(answer(), 'ann');
    expect(refusalOf(slots, 'ann')).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 5 });
    slots.admit(answer(), 'ben');
    first.emit('close');
    slots.admit(answer(), 'ann');
    expect(slots.refusedCount).toBe(1);
  });

  it('refuses everybody when all are taken, and counts without refusing what is on its way', () => {
    const slots = new StreamSlots({ maxStreams: 2, maxStreamsPerToken: 5 });
    const [one, other] = [answer(), answer()];
    slots.admit(one, 'ann');
    slots.hold(one, 'ann');
    slots.hold(other, 'ben');
    slots.hold(answer(), 'ben');
    expect(refusalOf(slots, 'cid')).toMatchObject({ code: 'rate_limited' });
    one.emit('close');
    other.emit('close');
    slots.admit(answer(), 'cid');
  });
});
