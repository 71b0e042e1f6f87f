import { styleText } from 'node:util';

export const LINE_CHARS = 100;

type Style = Parameters<typeof styleText>[0];

/** In this style if standard output is a terminal with colours; `NO_COLOR` and `FORCE_COLOR` count. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** The title of a step, and in a quieter line what it is to show. */
export function printHeading(number: number, title: string, remark: string): void {
  print(`\n${paint('bold', `${String(number)}  ${title}`)}\n   ${paint('dim', remark)}`);
}

/** Something that was checked and is so. */
export function printProof(text: string): void {
  const [first = '', ...rest] = wrap(text, LINE_CHARS - 5);
  print(`   ${paint(['green', 'bold'], '✓')} ${first}`);
  for (const line of rest) {
    print(`     ${line}`);
  }
}

/** Breaks after a space or a comma, or inside of a word that is longer than a line. */
export function wrap(text: string, widthChars: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > widthChars) {
    const head = rest.slice(0, widthChars);
    const breakAt = Math.max(head.lastIndexOf(' '), head.lastIndexOf(',')) + 1 || widthChars;
    lines.push(rest.slice(0, breakAt).trimEnd());
    rest = rest.slice(breakAt);
  }
  return [...lines, rest];
}

/** A UUID by its ends, since two of the same moment begin alike. */
export function shortenIds(text: string): string {
  return text.replaceAll(/\b([\da-f]{4})[\da-f]{4}-(?:[\da-f]{4}-){3}[\da-f]{8}([\da-f]{4})\b/g, '$1…$2');
}

export function toSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(2)} s`;
}
