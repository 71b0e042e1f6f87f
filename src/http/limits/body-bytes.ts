const BLOCK_BYTES = 8 * 1024;
/** From this size on a chunk may well have a buffer of its own. */
const LARGE_BYTES = 4 * 1024;

/**
 * The bytes of a body as they come in. Small chunks are copied together: a sender may cut a body into chunks of one byte,
 * and each would cost some hundred bytes as a buffer of its own.
 */
export class BodyBytes {
  readonly #parts: Buffer[] = [];
  #block: Buffer | undefined;
  #used = 0;

  add(chunk: Buffer): void {
    const rest = this.#fillBlock(chunk);
    // Most bodies are one chunk, which is not copied at all.
    if (rest.length >= LARGE_BYTES || this.#parts.length === 0) {
      this.#parts.push(rest);
    } else if (rest.length > 0) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      this.#used = rest.copy(this.#block);
    }
  }

  /** All of them; none are left. */
  take(): Buffer {
    const parts = this.#parts.splice(0);
    if (this.#block) {
      parts.push(this.#block.subarray(0, this.#used));
      this.#block = undefined;
    }
    const [first] = parts;
    return first && parts.length === 1 ? first : Buffer.concat(parts);
  }

  clear(): void {
    this.#parts.length = 0;
    this.#block = undefined;
  }

  /** Gives what had no place in the block that is being filled. */
  #fillBlock(chunk: Buffer): Buffer {
    if (!this.#block) {
      return chunk;
    }
    const copied = chunk.copy(this.#block, this.#used);
    this.#used += copied;
    if (this.#used === BLOCK_BYTES) {
      this.#parts.push(this.#block);
      this.#block = undefined;
    }
    return chunk.subarray(copied);
  }
}
