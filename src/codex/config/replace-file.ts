import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Puts another text in the place of a file's, as a whole, with the mode that it has, also where the path is a link. Resolves
 * with whether that was done: not where the file no longer holds what it is thought to hold.
 */
export function replaceFile(path: string, before: string, after: string): boolean {
  const target = realpathSync(path);
  const draft = `${target}.${String(process.pid)}.draft`;
  try {
    writeFileSync(draft, after, { mode: statSync(target).mode });
    const isAsBefore = readFileSync(target, 'utf8') === before;
    if (isAsBefore) {
      renameSync(draft, target);
    }
    return isAsBefore;
  } finally {
    rmSync(draft, { force: true });
  }
}
