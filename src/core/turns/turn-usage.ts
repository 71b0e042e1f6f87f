import { isPayload } from '../threads/thread-events.js';
import { type TurnEvent } from './turn-event.js';
import { UsageCount } from './usage-count.js';

/** Tokens used; cached ⊆ input and reasoning ⊆ output. */
export interface TokenUsage {
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  reasoningOutputTokens: number;
  totalTokens: number;
}

const NONE: TokenUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
  totalTokens: 0,
};

/**
 * Adds up what the model calls of (a part of) a turn used. Where the engine tells of each call, that is exact; else it is
 * told of a call by the thread's count of its last one, which comes after the outputs of the tools that it asked for.
 */
export class UsageMeter {
  #raw: TokenUsage | undefined;
  #counted: TokenUsage | undefined;
  readonly #count = new UsageCount();

  take(event: TurnEvent): void {
    if (event.type === 'rawResponse/completed' && isPayload(event.payload.usage)) {
      this.#raw = add(this.#raw ?? NONE, event.payload.usage);
      return;
    }
    const used = this.#count.hear(event);
    if (used) {
      this.#counted = add(this.#counted ?? NONE, used);
    }
  }

  /** `undefined` while nothing was told. */
  get total(): TokenUsage | undefined {
    return this.#raw ?? this.#counted;
  }
}

function add(sum: TokenUsage, usage: Readonly<Record<string, unknown>>): TokenUsage {
  return {
    inputTokens: sum.inputTokens + toCount(usage.input_tokens),
    cachedInputTokens: sum.cachedInputTokens + toCount(usage.cached_input_tokens),
    outputTokens: sum.outputTokens + toCount(usage.output_tokens),
    reasoningOutputTokens: sum.reasoningOutputTokens + toCount(usage.reasoning_output_tokens),
    totalTokens: sum.totalTokens + toCount(usage.total_tokens),
  };
}

function toCount(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
