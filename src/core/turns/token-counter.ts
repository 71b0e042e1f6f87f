import { type Payload } from '../engine/payload.js';
import { type TurnQueue } from './turn-queue.js';
import { UsageCount } from './usage-count.js';

/** Has each turn of a thread know what it used, from what the engine says of the thread's tokens. */
export class TokenCounter {
  readonly #usage: UsageCount;

  /** @param tokenUsage the thread's, as it was last told: `{total, last, …}` */
  constructor(
    private readonly turns: TurnQueue,
    tokenUsage: unknown,
  ) {
    this.#usage = new UsageCount((tokenUsage as { total?: unknown } | null | undefined)?.total);
  }

  /** The history was cut. */
  reset(): void {
    this.#usage.reset();
  }

  hear(name: string, engineTurnId: string | null, payload: Payload): void {
    if (name === 'thread/tokenUsage/updated' && !this.turns.isRunning(engineTurnId)) {
      // When the engine loads a thread it says what was used in it until its last turn.
      const rest = this.#usage.restate(payload);
      if (rest && engineTurnId !== null) {
        this.turns.usedBefore(engineTurnId, rest);
      }
      return;
    }
    const used = this.#usage.hear(name, payload);
    if (used) {
      this.turns.used(used);
    }
  }

  /** The payload as it is to be told: a turn's end says what the turn used, as the turn itself does. */
  withUsage(name: string, turnId: string | null, payload: Payload): Payload {
    if (name !== 'turn/completed' || turnId === null) {
      return payload;
    }
    return { ...payload, token_usage: this.turns.findAny(turnId)?.tokenUsage ?? null };
  }
}
