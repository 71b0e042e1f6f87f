import { type ServiceEvent, withPayload } from '../events/catalogue.js';
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

  hear(engineTurnId: string | null, event: ServiceEvent): void {
    if (event.type === 'thread/tokenUsage/updated' && !this.turns.isRunning(engineTurnId)) {
      // When the engine loads a thread it says what was used in it until its last turn.
      const rest = this.#usage.restate(event.payload.token_usage);
      if (rest && engineTurnId !== null) {
        this.turns.usedBefore(engineTurnId, rest);
      }
      return;
    }
    const used = this.#usage.hear(event);
    if (used) {
      this.turns.used(used);
    }
  }

  /** The event as it is to be told: a turn's end says what the turn used, as the turn itself does. */
  withUsage(turnId: string | null, event: ServiceEvent): ServiceEvent {
    if (event.type !== 'turn/completed' || turnId === null) {
      return event;
    }
    return withPayload(event, { ...event.payload, token_usage: this.turns.findAny(turnId)?.tokenUsage ?? null });
  }
}
