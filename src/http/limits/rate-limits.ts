import { isIPv6 } from 'node:net';
import { type Request, type Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ServiceError } from '../../core/errors.js';
import { type LimitValues } from '../../settings/settings.js';

/**
 * The default for writes stops a loop that runs wild, not a busy client. Reads with a valid token are not counted at all:
 * they cost less than counting would be worth.
 */
export class RateLimits {
  readonly #strangers: RateLimiterMemory;
  readonly #writes: RateLimiterMemory;

  constructor({ strangersPerMinute, writesPerTenSeconds }: Pick<LimitValues, RateName>) {
    this.#strangers = new RateLimiterMemory({ keyPrefix: 'stranger', points: strangersPerMinute, duration: 60 });
    this.#writes = new RateLimiterMemory({ keyPrefix: 'write', points: writesPerTenSeconds, duration: 10 });
  }

  /** A request that changes something, by whom it comes from. Throws `rate_limited`. */
  async countRequest({ caller, socket }: Request, res: Response): Promise<void> {
    if (caller) {
      await consume(this.#writes, caller.id, res);
    } else {
      await this.countStranger(res, socket.remoteAddress);
    }
  }

  /** After a refused log-in; throws `rate_limited` to be told instead. A valid token is never held up by it. */
  async countStranger(res: Response, address: string | undefined): Promise<void> {
    await consume(this.#strangers, toAddressKey(address), res);
  }

  /** A write that comes over a WebSocket, and has no headers to say how many are left. */
  async countFrame(callerId: string): Promise<void> {
    await consume(this.#writes, callerId);
  }
}

type RateName = 'strangersPerMinute' | 'writesPerTenSeconds';

async function consume(limiter: RateLimiterMemory, key: string, res?: Response): Promise<void> {
  try {
    setHeaders(res, limiter.points, await limiter.consume(key));
  } catch (cause) {
    if (!(cause instanceof RateLimiterRes)) {
      throw cause;
    }
    setHeaders(res, limiter.points, cause);
    throw new ServiceError('rate_limited', 'Too many requests; wait for as long as Retry-After says.', {
      retryAfterSeconds: cause.msBeforeNext / 1000,
    });
  }
}

/** As the IETF draft "RateLimit header fields for HTTP" had them in its widely read versions. */
function setHeaders(res: Response | undefined, limit: number, { remainingPoints, msBeforeNext }: RateLimiterRes): void {
  res?.setHeader('RateLimit-Limit', limit);
  res?.setHeader('RateLimit-Remaining', Math.max(0, remainingPoints));
  res?.setHeader('RateLimit-Reset', Math.ceil(msBeforeNext / 1000));
}

/** The address of the connection, never of a header. An IPv6 host owns a /64 of addresses, so that is what counts. */
function toAddressKey(address = 'unknown'): string {
  return isIPv6(address) && !address.startsWith('::') ? address.split(':').slice(0, 4).join(':') : address;
}
