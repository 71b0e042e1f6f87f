import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServiceError } from '../core/errors.js';

const GUARD = fileURLToPath(new URL('./bin/git', import.meta.url));
/** What the system searches when nothing is said. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * The engine's `PATH`, in which the guard stands before git: by it, what a repository's `.git/config` names is not run by
 * the engine's own look at the repository. Throws `engine_unavailable` where the guard can't be run.
 */
export function toGuardedPath(path: string | undefined): string {
  try {
    accessSync(GUARD, constants.X_OK);
  } catch (cause) {
    const message = `${GUARD} can't be executed; install this server on a file system that allows programs.`;
    throw new ServiceError('engine_unavailable', message, { cause });
  }
  return `${dirname(GUARD)}:${path === undefined || path === '' ? DEFAULT_PATH : path}`;
}
