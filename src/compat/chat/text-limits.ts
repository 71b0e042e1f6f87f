import { OutputBudget } from '../../core/turns/output-budget.js';

export interface TextLimits {
  maxTokens: number | null;
  stops: readonly string[];
}

/** Cuts an answer where its caller wants it cut: before a text at which it is to stop, or when it is long enough. */
export class LimitedText {
  readonly #stops: readonly string[];
  readonly #budget: OutputBudget | undefined;
  /** May be the beginning of a text to stop at, so it isn't told yet. */
  #heldBack = '';
  #cutBy: 'stop' | 'length' | undefined;

  constructor({ maxTokens, stops }: TextLimits) {
    this.#stops = stops;
    this.#budget = maxTokens === null ? undefined : new OutputBudget(maxTokens);
  }

  /** As it is now, to go back to should what follows come to nothing. */
  save(): () => void {
    const [heldBack, cutBy, bytes] = [this.#heldBack, this.#cutBy, this.#budget?.usedBytes ?? 0];
    return () => {
      this.#heldBack = heldBack;
      this.#cutBy = cutBy;
      this.#budget?.reset(bytes);
    };
  }

  /** Why there is no more text; `undefined` while there may be. */
  get cutBy(): 'stop' | 'length' | undefined {
    return this.#cutBy;
  }

  /** What can be told now. */
  take(delta: string): string {
    if (this.#cutBy) {
      return '';
    }
    const text = this.#heldBack + delta;
    const ends = this.#stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0);
    if (ends.length > 0) {
      this.#cutBy = 'stop';
      this.#heldBack = '';
      return this.#spend(text.slice(0, Math.min(...ends)));
    }
    const heldLength = Math.max(0, ...this.#stops.map((stop) => overlap(text, stop)));
    this.#heldBack = text.slice(text.length - heldLength);
    return this.#spend(text.slice(0, text.length - heldLength));
  }

  /** What was held back, now that nothing follows. */
  rest(): string {
    const text = this.#heldBack;
    this.#heldBack = '';
    return this.#cutBy ? '' : this.#spend(text);
  }

  /** Thinking counts, though it is not cut. */
  spend(thought: string): void {
    this.#spend(thought);
  }

  #spend(text: string): string {
    if (!this.#budget || text === '') {
      return text;
    }
    const kept = this.#budget.take(text);
    if (this.#budget.isUsedUp) {
      this.#cutBy = kept.length < text.length ? 'length' : (this.#cutBy ?? 'length');
    }
    return kept;
  }
}

/** How long an end of the text is that `stop` begins with. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(stop.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(stop.slice(0, length))) {
      return length;
    }
  }
  return 0;
}
