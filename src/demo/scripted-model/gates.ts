interface Gate {
  isOpen: boolean;
  reachedCount: number;
  wake: Set<() => void>;
}

/** Named gates that responses wait at. A released gate stays open until it is closed again. */
export class Gates {
  readonly #gates = new Map<string, Gate>();
  readonly #watchers = new Set<() => void>();

  /** Opens a gate: those who wait go on, and those who come later pass. */
  release(name: string): void {
    const gate = this.#require(name);
    gate.isOpen = true;
    this.#wake(gate);
  }

  /** Lets those go on who wait at a gate now, and keeps it closed for the next. */
  pulse(name: string): void {
    this.#wake(this.#require(name));
  }

  /** Closes a gate again. */
  hold(name: string): void {
    this.#require(name).isOpen = false;
  }

  /** Waits at a gate. Rejects with the signal's reason if it aborts first. */
  async pass(name: string, signal: AbortSignal): Promise<void> {
    const gate = this.#require(name);
    gate.reachedCount += 1;
    for (const check of [...this.#watchers]) {
      check();
    }
    if (!gate.isOpen) {
      await waitIn(gate.wake, signal);
    }
  }

  /** Resolves when a gate has been reached `times` times since the start. */
  reached(name: string, times: number): Promise<void> {
    const gate = this.#require(name);
    return new Promise((resolve) => {
      const check = (): void => {
        if (gate.reachedCount >= times) {
          this.#watchers.delete(check);
          resolve();
        }
      };
      this.#watchers.add(check);
      check();
    });
  }

  #wake(gate: Gate): void {
    for (const wake of [...gate.wake]) {
      wake();
    }
  }

  #require(name: string): Gate {
    const gate = this.#gates.get(name) ?? { isOpen: false, reachedCount: 0, wake: new Set() };
    this.#gates.set(name, gate);
    return gate;
  }
}

function waitIn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      waiting.delete(wake);
      signal.removeEventListener('abort', abort);
      finish();
    };
    const wake = (): void => {
      settle(resolve);
    };
    const abort = (): void => {
      settle(() => {
        reject(signal.reason as Error);
      });
    };
    waiting.add(wake);
    signal.addEventListener('abort', abort);
    if (signal.aborted) {
      abort();
    }
  });
}
