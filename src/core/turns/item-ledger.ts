import { type Payload } from '../engine/engine.js';
import { type ThreadContext } from '../threads/thread-context.js';

/** Keeps the items of one thread in their order, as the engine tells of them. */
export class ItemLedger {
  readonly #positions = new Map<string, number>();
  #nextPosition: number;

  constructor(
    private readonly threadId: string,
    private readonly context: ThreadContext,
  ) {
    this.#nextPosition = context.turns.nextPositions(threadId).item;
  }

  /** Stores the latest state of an item under its own turn, which need not be the active one. */
  put(turnId: string, item: Payload): void {
    const itemId = item['id'];
    if (typeof itemId !== 'string') {
      return;
    }
    const key = `${turnId}\n${itemId}`;
    let position = this.#positions.get(key);
    if (position === undefined) {
      position = this.#nextPosition;
      this.#nextPosition += 1;
      this.#positions.set(key, position);
    }
    this.context.recorder.item({ threadId: this.threadId, turnId, itemId, position, json: JSON.stringify(item) });
  }

  /** The next item takes this place. */
  rewind(position: number): void {
    this.#nextPosition = position;
  }

  /** The places of a finished turn's items are needed no more, save for those that come late: the last turn's stay. */
  forgetAllBut(turnId: string): void {
    for (const key of this.#positions.keys()) {
      if (!key.startsWith(`${turnId}\n`)) {
        this.#positions.delete(key);
      }
    }
  }
}
