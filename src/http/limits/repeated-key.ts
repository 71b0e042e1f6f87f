/**
 * The path of the first key that an object of a JSON text has twice, such as `input[0].text`. The text must be valid JSON,
 * and `keys` the number of keys that are left in it once it is parsed: only a text with more is looked at key by key.
 */
export function findRepeatedKey(text: string, keys: number): string | undefined {
  return countKeys(text) > keys ? searchRepeatedKey(text) : undefined;
}

const BACKSLASH = 0x5c;
const COLON = 0x3a;
const SPACE = 0x20;

/** A text after which a colon comes is a key. Hot: it runs over every body, in jumps from quote to quote. */
function countKeys(text: string): number {
  let keys = 0;
  for (let start = text.indexOf('"'); start !== -1;) {
    const end = endOfText(text, start);
    if (text.charCodeAt(skipSpace(text, end)) === COLON) {
      keys += 1;
    }
    start = text.indexOf('"', end);
  }
  return keys;
}

/** Where the text that begins with the quote at `start` is over. */
function endOfText(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(text, quote)) {
    quote = text.indexOf('"', quote + 1);
  }
  return quote === -1 ? text.length : quote + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1;
  while (text.charCodeAt(at) === BACKSLASH) {
    at -= 1;
  }
  return (quote - at) % 2 === 0;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= SPACE) {
    at += 1;
  }
  return at;
}

interface Level {
  /** Of an object; a list has none. */
  readonly keys: Set<string> | undefined;
  readonly path: string;
  key: string;
  index: number;
}

function searchRepeatedKey(text: string): string | undefined {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const level = levels.at(-1);
    if (text[at] !== '"') {
      follow(levels, text[at] ?? '');
      continue;
    }
    const end = endOfText(text, at);
    if (level?.keys && text.charCodeAt(skipSpace(text, end)) === COLON && !isNew(level, text.slice(at, end))) {
      return pathOf(level);
    }
    at = end - 1;
  }
  return undefined;
}

/** Takes note of the key. */
function isNew(level: Level, json: string): boolean {
  level.key = JSON.parse(json) as string;
  const size = level.keys?.size;
  return level.keys?.add(level.key).size !== size;
}

/** Goes into an object or a list, out of it, or on to its next part. */
function follow(levels: Level[], sign: string): void {
  const level = levels.at(-1);
  if (sign === '{' || sign === '[') {
    levels.push({ keys: sign === '{' ? new Set() : undefined, path: pathOf(level), key: '', index: 0 });
  } else if (sign === '}' || sign === ']') {
    levels.pop();
  } else if (sign === ',' && level) {
    level.index += 1;
  }
}

/** Of the value that is read now. */
function pathOf(level: Level | undefined): string {
  if (!level?.keys) {
    return level ? `${level.path}[${String(level.index)}]` : '';
  }
  return level.path === '' ? level.key : `${level.path}.${level.key}`;
}
