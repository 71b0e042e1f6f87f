import { ServiceError } from '../../core/errors.js';
import { type LimitValues } from '../../settings/settings.js';

/** Answers take seconds as a rule, and with each of them something is given back. */
const RETRY_AFTER_SECONDS = 5;

type BudgetLimits = Pick<LimitValues, 'maxBufferedBytes' | 'maxBufferedBytesPerToken'>;

/**
 * How much of what callers have sent is held in memory: bodies on their way in and until they are answered, frames of
 * WebSockets that are not whole or wait. Of each caller and of all, whatever the number of connections.
 */
export class BufferBudget {
  readonly #limits: BudgetLimits;
  readonly #ofCaller = new Map<string, number>();
  #heldBytes = 0;
  #refusedCount = 0;

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
  }

  /** The most that one request can be; a larger one would be refused for ever. */
  get largestBytes(): number {
    return Math.min(this.#limits.maxBufferedBytes, this.#limits.maxBufferedBytesPerToken);
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** So many requests and frames were refused. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** What one request or connection of a caller holds; whoever opens it must close it. */
  open(callerId: string): BufferShare {
    return new BufferShare((bytes) => {
      this.#change(callerId, bytes);
    });
  }

  #change(callerId: string, bytes: number): void {
    const held = (this.#ofCaller.get(callerId) ?? 0) + bytes;
    if (bytes > 0) {
      this.#requireRoom(held, this.#heldBytes + bytes);
    }
    this.#heldBytes += bytes;
    if (held > 0) {
      this.#ofCaller.set(callerId, held);
    } else {
      this.#ofCaller.delete(callerId);
    }
  }

  #requireRoom(ofCaller: number, ofAll: number): void {
    const { maxBufferedBytes, maxBufferedBytesPerToken } = this.#limits;
    if (ofCaller > maxBufferedBytesPerToken) {
      throw this.#refusal(
        'What this token has sent and waits for is as much as the server holds for one; wait for answers.',
      );
    }
    if (ofAll > maxBufferedBytes) {
      throw this.#refusal('The server holds as much of what was sent to it as it may; try again later.');
    }
  }

  #refusal(message: string): ServiceError {
    this.#refusedCount += 1;
    return new ServiceError('rate_limited', message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}

/** Part of the budget. */
export class BufferShare {
  #bytes = 0;

  constructor(private readonly change: (bytes: number) => void) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws `rate_limited`, and takes nothing then. */
  add(bytes: number): void {
    this.change(bytes);
    this.#bytes += bytes;
  }

  /** Throws as `add` if so much could not be taken now. */
  requireRoom(bytes: number): void {
    this.change(bytes);
    this.change(-bytes);
  }

  /** Gives everything back. More can be added afterwards, and must be given back again. */
  close(): void {
    const bytes = this.#bytes;
    this.#bytes = 0;
    if (bytes > 0) {
      this.change(-bytes);
    }
  }
}
