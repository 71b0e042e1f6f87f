import { type ServerResponse } from 'node:http';
import { ServiceError } from '../../core/errors.js';
import { type LimitValues } from '../../settings/settings.js';

/** Clients that reconnect by themselves come back after about this long. */
const RETRY_AFTER_SECONDS = 5;

/** How many answers are open as event streams, of each caller and in all. */
export class StreamSlots {
  readonly #limits: Pick<LimitValues, 'maxStreams' | 'maxStreamsPerToken'>;
  readonly #holders = new WeakSet<ServerResponse>();
  readonly #ofCaller = new Map<string, number>();
  #total = 0;
  #refusedCount = 0;

  constructor(limits: Pick<LimitValues, 'maxStreams' | 'maxStreamsPerToken'>) {
    this.#limits = limits;
  }

  /** So many streams were refused. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** Takes a slot, until the answer is over, for what is about to become a stream. Throws `rate_limited`. */
  admit(res: ServerResponse, callerId: string): void {
    const { maxStreams, maxStreamsPerToken } = this.#limits;
    if (this.#countOf(callerId) >= maxStreamsPerToken) {
      throw this.#refusal(`This token has ${String(maxStreamsPerToken)} streams open; close one of them.`);
    }
    if (this.#total >= maxStreams) {
      throw this.#refusal('The server has as many streams open as it may; try again later.');
    }
    this.hold(res, callerId);
  }

  /** The same for a stream that is on its way already: it counts, but is not refused. */
  hold(res: ServerResponse, callerId: string): void {
    if (this.#holders.has(res)) {
      return;
    }
    this.#holders.add(res);
    this.#add(callerId, 1);
    res.once('close', () => {
      this.#add(callerId, -1);
    });
  }

  #refusal(message: string): ServiceError {
    this.#refusedCount += 1;
    return new ServiceError('rate_limited', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }

  #countOf(callerId: string): number {
    return this.#ofCaller.get(callerId) ?? 0;
  }

  #add(callerId: string, change: number): void {
    this.#total += change;
    const count = this.#countOf(callerId) + change;
    if (count > 0) {
      this.#ofCaller.set(callerId, count);
    } else {
      this.#ofCaller.delete(callerId);
    }
  }
}
