import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What only the engine of this process knows. It is told through the engine's environment and is never logged. */
export class GatewaySecret {
  readonly value = randomBytes(32).toString('base64url');
  readonly #digest = digest(this.value);

  /** In constant time, whatever is given. */
  equals(given: unknown): boolean {
    return typeof given === 'string' && timingSafeEqual(digest(given), this.#digest);
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
