import { statSync } from 'node:fs';

/** What changes when a file is replaced, made or removed. Takes some microseconds. */
export function stampOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${String(found.ino)} ${String(found.mtimeNs)} ${String(found.size)}` : '';
}
