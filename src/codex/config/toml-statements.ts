/** A part of a dotted key, and where it stands in the text. */
export interface KeySegment {
  name: string;
  start: number;
  end: number;
}

/** A table's head, or a key with its value, in the order of the text. */
export interface Statement {
  kind: 'table' | 'list' | 'pair';
  /** Where its line begins. */
  lineStart: number;
  /** From the root; for a pair with those of its table. */
  path: readonly string[];
  /** As written here: of a pair, only its own. */
  segments: readonly KeySegment[];
  /** Of a pair: the value, without a comment after it. */
  value: { start: number; end: number };
}

const BARE_KEY = /[A-Za-z0-9_-]/;

/**
 * Where things stand in a TOML text that is known to be well formed. Keys within inline tables are no statements.
 * Throws `RangeError` for what it can't follow.
 */
export function toStatements(text: string): Statement[] {
  const reader = new TomlReader(text);
  const statements: Statement[] = [];
  let table: readonly string[] = [];
  for (;;) {
    reader.skipBlank();
    if (reader.isAtEnd) {
      return statements;
    }
    const statement = reader.isAt('[') ? reader.readHead() : reader.readPair(table);
    table = statement.kind === 'pair' ? table : statement.path;
    statements.push(statement);
  }
}

class TomlReader {
  #at = 0;

  constructor(private readonly text: string) {}

  get isAtEnd(): boolean {
    return this.#at >= this.text.length;
  }

  isAt(word: string): boolean {
    return this.text.startsWith(word, this.#at);
  }

  /** White space, line ends and comments. */
  skipBlank(): void {
    const blank = /(?:[\s\uFEFF]|#[^\n]*)*/y;
    blank.lastIndex = this.#at;
    this.#at += blank.exec(this.text)?.[0].length ?? 0;
  }

  readHead(): Statement {
    const lineStart = this.#lineStart();
    const isList = this.isAt('[[');
    this.#at += isList ? 2 : 1;
    const segments = this.#readKey();
    this.#expect(isList ? ']]' : ']');
    const value = { start: this.#at, end: this.#at };
    return { kind: isList ? 'list' : 'table', lineStart, path: segments.map(({ name }) => name), segments, value };
  }

  readPair(table: readonly string[]): Statement {
    const lineStart = this.#lineStart();
    const segments = this.#readKey();
    this.#expect('=');
    this.#skipSpace();
    const start = this.#at;
    this.#skipValue();
    const end = start + this.text.slice(start, this.#at).trimEnd().length;
    return {
      kind: 'pair',
      lineStart,
      path: [...table, ...segments.map(({ name }) => name)],
      segments,
      value: { start, end },
    };
  }

  #lineStart(): number {
    return this.text.lastIndexOf('\n', this.#at - 1) + 1;
  }

  #readKey(): KeySegment[] {
    const segments: KeySegment[] = [];
    do {
      this.#skipSpace();
      segments.push(this.#readSegment());
      this.#skipSpace();
    } while (this.#take('.'));
    return segments;
  }

  #readSegment(): KeySegment {
    const start = this.#at;
    if (this.isAt('"') || this.isAt("'")) {
      this.#skipString();
      const literal = this.text.slice(start, this.#at);
      return { name: toKeyName(literal), start, end: this.#at };
    }
    while (BARE_KEY.test(this.text.charAt(this.#at))) {
      this.#at += 1;
    }
    if (this.#at === start) {
      throw new RangeError('no key');
    }
    return { name: this.text.slice(start, this.#at), start, end: this.#at };
  }

  /** To the end of the line, or of the brackets and strings that go past it. */
  #skipValue(): void {
    let depth = 0;
    while (!this.isAtEnd && (depth > 0 || !/[\n#]/.test(this.text.charAt(this.#at)))) {
      const character = this.text.charAt(this.#at);
      if (character === '"' || character === "'") {
        this.#skipString();
      } else if (character === '#') {
        this.skipBlank();
      } else {
        depth += '[{'.includes(character) ? 1 : ']}'.includes(character) ? -1 : 0;
        this.#at += 1;
      }
    }
  }

  #skipString(): void {
    const rest = /"""(?:\\[^]|[^\\])*?"{3,5}|'''[^]*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/y;
    rest.lastIndex = this.#at;
    const match = rest.exec(this.text);
    if (match === null) {
      throw new RangeError('an open string');
    }
    this.#at += match[0].length;
  }

  #skipSpace(): void {
    while (this.isAt(' ') || this.isAt('\t')) {
      this.#at += 1;
    }
  }

  #take(word: string): boolean {
    const isThere = this.isAt(word);
    this.#at += isThere ? word.length : 0;
    return isThere;
  }

  #expect(word: string): void {
    if (!this.#take(word)) {
      throw new RangeError(`no ${word}`);
    }
  }
}

function toKeyName(literal: string): string {
  if (literal.startsWith("'")) {
    return literal.slice(1, -1);
  }
  try {
    return JSON.parse(literal) as string;
  } catch (cause) {
    throw new RangeError('a key with an escape that JSON does not have', { cause });
  }
}
