/** Every escape of a JSON text as a whole, so that an escaped backslash before a `u` is not taken for one. */
const ESCAPES = /\\(?:ud[89a-f][0-9a-f]{2}|[^])/g;

/**
 * JSON that every reader takes. JavaScript writes half of a surrogate pair as an escape that most other parsers refuse;
 * here it is U+FFFD, as in `String.prototype.toWellFormed`, in keys too.
 */
export function toWellFormedJson(value: object | string): string {
  const json = JSON.stringify(value);
  // Nothing else is escaped so; it may also be an escaped backslash with these letters after it.
  return json.includes('\\ud') ? json.replace(ESCAPES, toWhole) : json;
}

function toWhole(escape: string): string {
  return escape.length > 2 ? '\\ufffd' : escape;
}
