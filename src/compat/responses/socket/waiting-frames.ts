import { ServiceError } from '../../../core/errors.js';
import { type BufferBudget, type BufferShare } from '../../../http/limits/buffer-budget.js';
import { type RateLimits } from '../../../http/limits/rate-limits.js';
import { invalid } from '../to-core/check-create.js';

/** How many requests may wait behind the one that is being answered. */
const MAX_WAITING = 16;

export interface WaitingFrame {
  bytes: Buffer;
  /** Rejects for one that is more than the caller may send now. */
  isAdmitted: Promise<void>;
  /** To be closed when it is answered. */
  share: BufferShare;
}

export interface FrameLimits {
  budget: BufferBudget;
  limits: RateLimits;
}

/** The requests of one connection that wait for their turn. */
export class WaitingFrames {
  readonly #frames: WaitingFrame[] = [];

  constructor(
    private readonly ports: FrameLimits,
    private readonly callerId: string,
  ) {}

  /** Throws `invalid_request`, `rate_limited` for one that can't wait. It counts as a write of its caller all the same. */
  push(bytes: Buffer, isBinary: boolean): void {
    const isAdmitted = this.ports.limits.countFrame(this.callerId);
    // It is looked at when its turn comes, if it comes.
    isAdmitted.catch(() => undefined);
    if (isBinary) {
      throw invalid('Frames must be text.', 'invalid_frame', 'frame');
    }
    if (this.#frames.length >= MAX_WAITING) {
      throw new ServiceError('rate_limited', 'Too many requests are waiting on this connection.');
    }
    const share = this.ports.budget.open(this.callerId);
    share.add(bytes.length);
    this.#frames.push({ bytes: toOwn(bytes), isAdmitted, share });
  }

  shift(): WaitingFrame | undefined {
    return this.#frames.shift();
  }

  clear(): void {
    for (const { share } of this.#frames.splice(0)) {
      share.close();
    }
  }
}

/** A frame that came in one packet is a part of that, and would keep all of it. */
function toOwn(bytes: Buffer): Buffer {
  if (bytes.length === bytes.buffer.byteLength) {
    return bytes;
  }
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
