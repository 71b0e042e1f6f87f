import { existsSync, rmSync } from 'node:fs';

/**
 * Removes a folder to which a process that is just ending may still write. Node's `rmSync` gives up without a word when
 * somebody else removes a file meanwhile (24.21), so that it is asked until the folder is gone. Throws what keeps it.
 */
export function removeFolder(path: string): void {
  do {
    rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 25 });
  } while (existsSync(path));
}
