/** When nothing of a method is answered for this long, those under way wait for something else than their turn. */
const STALL_MS = 250;

interface Line {
  readonly counted: Set<object>;
  readonly waiting: (() => void)[];
  stall: NodeJS.Timeout | undefined;
}

/**
 * Bounds how many requests of one method are handed over at once, each method by itself. Those that take long by their
 * nature, such as a command that sleeps, hold nobody up: once no slot has come free for 250 ms, they stop counting.
 */
export class RequestSlots {
  readonly #lines = new Map<string, Line>();
  #isOpen = true;

  constructor(private readonly max: number) {}

  /** A slot for a request of the method, and what gives it back; `undefined`: it has to wait for its turn. */
  tryTake(method: string): (() => void) | undefined {
    const line = this.#lineOf(method);
    if (line.counted.size >= this.max && this.#isOpen) {
      return undefined;
    }
    const slot = {};
    line.counted.add(slot);
    return () => {
      if (line.counted.delete(slot)) {
        this.#freed(line);
      }
    };
  }

  /** Resolves when a slot of the method may be free, or everything is over. */
  whenFree(method: string): Promise<void> {
    const line = this.#lineOf(method);
    return new Promise((resolve) => {
      line.waiting.push(resolve);
      line.stall ??= this.#watch(line);
    });
  }

  /** Nobody waits any more. */
  close(): void {
    this.#isOpen = false;
    for (const line of this.#lines.values()) {
      clearTimeout(line.stall);
      wake(line, line.waiting.length);
    }
  }

  #lineOf(method: string): Line {
    const line = this.#lines.get(method) ?? { counted: new Set<object>(), waiting: [], stall: undefined };
    this.#lines.set(method, line);
    return line;
  }

  #freed(line: Line): void {
    clearTimeout(line.stall);
    wake(line, 1);
    line.stall = line.waiting.length > 0 ? this.#watch(line) : undefined;
  }

  #watch(line: Line): NodeJS.Timeout {
    return setTimeout(() => {
      line.counted.clear();
      wake(line, this.max);
      line.stall = line.waiting.length > 0 ? this.#watch(line) : undefined;
    }, STALL_MS);
  }
}

function wake({ waiting }: Line, count: number): void {
  for (const resolve of waiting.splice(0, count)) {
    resolve();
  }
}
