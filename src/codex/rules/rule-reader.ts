/** A value in a rules file: the engine's rules know texts and lists alone. */
export type RuleValue = string | number | boolean | null | readonly RuleValue[];

/** A call such as `prefix_rule(pattern=["git", "push"], decision="allow")`, and where it stands in the text. */
export interface RuleCall {
  name: string;
  /** Those without a name first, by their position. */
  values: ReadonlyMap<string | number, RuleValue>;
  start: number;
  end: number;
  /** From 1. */
  line: number;
}

/** What was found in a file of rules that this reader does not understand. */
export class RuleSyntaxError extends Error {
  override readonly name = 'RuleSyntaxError';

  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

const WORDS: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' },
  ...{ '\\': '\\', "'": "'", '"': '"', '\n': '' },
};

/**
 * Reads the calls of a rules file. These files are Starlark; what is understood of it is what rules are written in: calls,
 * each on lines of its own, with literals for their values, and comments.
 */
export function readRuleCalls(text: string): RuleCall[] {
  return new RuleReader(text).readAll();
}

class RuleReader {
  #at = 0;

  constructor(private readonly text: string) {}

  readAll(): RuleCall[] {
    const calls: RuleCall[] = [];
    while (this.#hasMore()) {
      calls.push(this.#readCall());
      this.#match(/[ \t]*(?:#[^\n]*)?/y);
      if (this.#at < this.text.length && this.#match(/\r?\n/y) === undefined) {
        throw this.#fault('expected the end of the line after a rule');
      }
    }
    return calls;
  }

  #readCall(): RuleCall {
    const start = this.#at;
    const line = this.#line();
    const name = this.#match(/[A-Za-z_]\w*/y);
    if (name === undefined || this.#match(/[ \t]*\(/y) === undefined) {
      throw this.#fault('expected a rule, such as prefix_rule(pattern=["git", "status"], decision="allow")');
    }
    const values = new Map<string | number, RuleValue>();
    this.#readParts(')', () => {
      const key = this.#match(/[A-Za-z_]\w*(?=\s*=(?!=))/y);
      if (key !== undefined) {
        this.#match(/\s*=/y);
      }
      this.#skipBlank();
      values.set(key ?? values.size, this.#readValue());
    });
    return { name, values, start, end: this.#at, line };
  }

  /** Up to and with the closing bracket; a comma may follow the last part. */
  #readParts(close: string, read: () => void): void {
    this.#skipBlank();
    while (!this.#take(close)) {
      read();
      this.#skipBlank();
      if (!this.#take(',') && this.text[this.#at] !== close) {
        throw this.#fault(`expected "," or "${close}"`);
      }
      this.#skipBlank();
    }
  }

  #readValue(): RuleValue {
    for (const [open, close] of [
      ['[', ']'],
      ['(', ')'],
    ] as const) {
      if (this.#take(open)) {
        const parts: RuleValue[] = [];
        this.#readParts(close, () => parts.push(this.#readValue()));
        return parts;
      }
    }
    const number = this.#match(/-?\d+(?![\w.])/y);
    if (number !== undefined) {
      return Number(number);
    }
    const word = this.#match(/(?:True|False|None)\b/y);
    return word === undefined ? this.#readString() : (WORDS[word] ?? null);
  }

  #readString(): string {
    const literal = this.#match(
      /r?(?:"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\[^]|[^\\"\n])*"|'(?:\\[^]|[^\\'\n])*')/y,
    );
    if (literal === undefined) {
      throw this.#fault('expected a text in quotes, or a list of such');
    }
    const isRaw = literal.startsWith('r');
    const quoted = isRaw ? literal.slice(1) : literal;
    const quotes = /^("""|'''|"|')/.exec(quoted)?.[0].length ?? 1;
    const body = quoted.slice(quotes, -quotes);
    return isRaw ? body : this.#unescape(body);
  }

  #unescape(body: string): string {
    return body.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[^])/g, (_all, code: string) => {
      const known = ESCAPES[code];
      if (known !== undefined) {
        return known;
      }
      const point = /^[xuU]./.test(code) ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8);
      if (!(point <= 0x10ffff)) {
        throw this.#fault(`\\${code} is no escape`);
      }
      return String.fromCodePoint(point);
    });
  }

  /** Whether anything but white space and comments is left, which are skipped. */
  #hasMore(): boolean {
    this.#skipBlank();
    return this.#at < this.text.length;
  }

  /** White space, line ends and comments. */
  #skipBlank(): void {
    this.#match(/(?:[\s\uFEFF]|#[^\n]*)+/y);
  }

  #take(word: string): boolean {
    const isThere = this.text.startsWith(word, this.#at);
    this.#at += isThere ? word.length : 0;
    return isThere;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #line(): number {
    return this.text.slice(0, this.#at).split('\n').length;
  }

  #fault(message: string): RuleSyntaxError {
    return new RuleSyntaxError(this.#line(), message);
  }
}
