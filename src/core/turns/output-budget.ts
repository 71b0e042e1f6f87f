const BYTES_PER_TOKEN = 4;

/**
 * How much a model may still say. The engine has no such limit and counts only what a finished model call used, so that
 * the tokens of what is being said are estimated, four bytes of UTF-8 each.
 */
export class OutputBudget {
  readonly #maxBytes: number;
  #usedBytes = 0;

  constructor(maxTokens: number) {
    this.#maxBytes = maxTokens * BYTES_PER_TOKEN;
  }

  /** The part of the text that still fits; shorter than the text when the budget is used up by it. */
  take(text: string): string {
    const bytes = Buffer.byteLength(text);
    const leftBytes = this.#maxBytes - this.#usedBytes;
    this.#usedBytes += bytes;
    return bytes <= leftBytes ? text : cut(text, leftBytes);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** What was said since then counts no more. */
  reset(usedBytes: number): void {
    this.#usedBytes = usedBytes;
  }

  get isUsedUp(): boolean {
    return this.#usedBytes >= this.#maxBytes;
  }
}

/** At most so many bytes of the text, in whole characters. */
function cut(text: string, maxBytes: number): string {
  let usedBytes = 0;
  let kept = '';
  for (const character of text) {
    usedBytes += Buffer.byteLength(character);
    if (usedBytes > maxBytes) {
      break;
    }
    kept += character;
  }
  return kept;
}
