/**
 * The words of a POSIX shell command line: quotes and backslashes as the shell reads them, nothing expanded. The engine
 * joins an argument vector into one line, and this takes it apart again. A line with a quote that is never closed is one
 * word.
 */
export function toShellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const { text, isBreak } of pieces(line)) {
    if (!isBreak) {
      word = (word ?? '') + text;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

interface Piece {
  text: string;
  /** Blank space between two words. */
  isBreak: boolean;
}

const PIECE = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)|(\s+)/gsy;

function pieces(line: string): Piece[] {
  const matches = [...line.matchAll(PIECE)];
  if (matches.reduce((length, [all]) => length + all.length, 0) !== line.length) {
    return [{ text: line, isBreak: false }];
  }
  return matches.map(([, single, double, escaped, bare, space]) => ({
    text: single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? bare ?? '',
    isBreak: space !== undefined,
  }));
}
