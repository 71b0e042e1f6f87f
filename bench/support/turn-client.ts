/** Runs turns, on the raw engine or through the server, and hears of their deltas. One turn of a thread at a time. */
export interface TurnClient {
  /** With everything ready that is needed to hear of its events. */
  createThread(): Promise<string>;
  /** Resolves at the turn's end. `onDelta` is called with the text of each delta as it arrives. */
  runTurn(threadId: string, text: string, onDelta?: (text: string) => void): Promise<void>;
}

interface Listener {
  onDelta: ((text: string) => void) | undefined;
  end: PromiseWithResolvers<undefined>;
}

/** Who waits for which thread's turn: the same for both clients. */
export class Listeners {
  readonly #byThread = new Map<string, Listener>();

  listen(threadId: string, onDelta?: (text: string) => void): Promise<undefined> {
    const end = Promise.withResolvers<undefined>();
    this.#byThread.set(threadId, { onDelta, end });
    return end.promise;
  }

  /** `name` is an event's, which is the same on both sides. */
  tell(threadId: string, name: string, delta: unknown): void {
    const listener = this.#byThread.get(threadId);
    if (name === 'item/agentMessage/delta') {
      listener?.onDelta?.(String(delta));
    } else if (name === 'turn/completed') {
      this.#byThread.delete(threadId);
      listener?.end.resolve(undefined);
    }
  }
}
