import { type Payload } from '../engine/payload.js';
import { type ServiceEvent } from '../events/catalogue.js';

/** Tokens by kind (`input_tokens`, `output_tokens` …), as the engine names them. */
export type TokenCounts = Readonly<Record<string, number>>;

interface Told {
  total: TokenCounts | undefined;
  /** Of the last call of the model. */
  last: TokenCounts;
}

/**
 * Reads what the engine says of a thread's tokens: how many were used since it said so before. It tells a running total
 * together with the last call, once for each call, and repeats itself where nothing was used: when it loads a thread, when
 * it begins to sum the history up, and when it has. A rollback takes the total back, and a fork begins with the total of
 * its source, so that a total alone says nothing.
 */
export class UsageCount {
  #total: TokenCounts | undefined;
  #isSummingUp = false;

  /** @param total the thread's total as it was told last; unknown without it */
  constructor(total?: unknown) {
    this.#total = toCounts(total);
  }

  /** The history was cut: what the total is now is known when it is told next. */
  reset(): void {
    this.#total = undefined;
  }

  /** What the calls used of which this event tells. `undefined` where it tells of none, as nearly every event. */
  hear(event: ServiceEvent): TokenCounts | undefined {
    switch (event.type) {
      case 'thread/tokenUsage/updated': {
        const told = toTold(event.payload.token_usage);
        return told && this.#use(told);
      }
      case 'item/started':
      case 'item/completed':
        if (event.payload.item.type === 'context_compaction') {
          this.#isSummingUp = event.type === 'item/started';
        }
        return undefined;
      case 'turn/completed':
        this.#isSummingUp = false;
        return undefined;
      default:
        return undefined;
    }
  }

  /**
   * The engine says what the total was before: nothing is used now. Returns what was used since it was told last, which is
   * the rest of a turn whose end was not told; `undefined` if that is nothing, or unknown.
   */
  restate(usage: Payload): TokenCounts | undefined {
    const told = toTold(usage);
    const before = this.#total;
    this.#total = told?.total ?? before;
    return told?.total && before && isPast(told.total, before) ? difference(told.total, before) : undefined;
  }

  #use({ total, last }: Told): TokenCounts | undefined {
    const before = this.#total;
    this.#total = total;
    const isRepeated = before && total ? isSame(total, before) : this.#isSummingUp;
    if (isRepeated || !isCall(last)) {
      return undefined;
    }
    // More than one call is in it, if some were not told each on its own.
    return before && total && isPast(total, sum(before, last)) ? difference(total, before) : last;
  }
}

export function sum(some: TokenCounts, more: TokenCounts): TokenCounts {
  return combine(some, more, (one, other) => one + other);
}

function difference(total: TokenCounts, before: TokenCounts): TokenCounts {
  return combine(total, before, (one, other) => one - other);
}

function combine(some: TokenCounts, more: TokenCounts, by: (one: number, other: number) => number): TokenCounts {
  const kinds = new Set([...Object.keys(some), ...Object.keys(more)]);
  return Object.fromEntries([...kinds].map((kind) => [kind, by(some[kind] ?? 0, more[kind] ?? 0)]));
}

/** Whether it is nowhere less, and somewhere more. */
function isPast(total: TokenCounts, before: TokenCounts): boolean {
  const growth = Object.values(difference(total, before));
  return growth.every((count) => count >= 0) && growth.some((count) => count > 0);
}

function isSame(total: TokenCounts, before: TokenCounts): boolean {
  return Object.values(difference(total, before)).every((count) => count === 0);
}

/** The engine also tells the size of a context in this form, which nobody was asked for. */
function isCall({ input_tokens: input = 0, output_tokens: output = 0 }: TokenCounts): boolean {
  return input > 0 || output > 0;
}

function toTold(usage: unknown): Told | undefined {
  const { total, last } = (usage ?? {}) as Record<string, unknown>;
  const counts = { total: toCounts(total), last: toCounts(last) };
  return (counts.total ?? counts.last) && { total: counts.total, last: counts.last ?? {} };
}

function toCounts(value: unknown): TokenCounts | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  return Object.fromEntries(Object.entries(value).filter(([, count]) => typeof count === 'number'));
}
