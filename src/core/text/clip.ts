/** The first `maxChars` UTF-16 units of the text; one less where the last would be half of a surrogate pair. */
export function clip(text: string, maxChars: number): string {
  return text.length > maxChars ? withoutHalf(text.slice(0, maxChars)) : text;
}

/** The same, with a sign that there is more. */
export function shorten(text: string, maxChars: number): string {
  return text.length > maxChars ? `${clip(text, maxChars)}…` : text;
}

/** Without the first half of a surrogate pair at its end. */
export function withoutHalf(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}
