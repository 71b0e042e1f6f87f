/**
 * Keeps back what the engine says of a thread while its answer to a request is awaited that says which turn is meant: what
 * comes in one piece with the answer is heard before whoever waits for that goes on.
 */
export class SignalBuffer {
  #held: (() => void)[] | undefined;

  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** `tell` is called when the hold is over. */
  keep(tell: () => void): void {
    this.#held?.push(tell);
  }

  /** Keeps everything back until `work` is done, then tells it in its order. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#held = [];
    try {
      return await work();
    } finally {
      const held = this.#held;
      this.#held = undefined;
      for (const tell of held) {
        tell();
      }
    }
  }

  /** The engine is gone, and what it said of a turn that was just to begin counts no more. */
  drop(): void {
    this.#held?.splice(0);
  }
}
