import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ServiceError } from '../../core/errors.js';
import { DAMAGED, toReason, toResultCode } from './sqlite-error.js';

const SQLITE_BUSY = 5;

const OTHERS = 0o077;
const STICKY = 0o1000;

/**
 * Makes the directory (0700) if it is missing; one that is there is made the owner's alone, and so are the files and
 * folders in it. Returns what was done or could not be, in words. Throws `storage_unavailable` if it can't be made.
 */
export function prepareDirectory(dataDir: string): string[] {
  return guard(dataDir, () => {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return process.platform === 'win32' ? [] : tighten(dataDir);
  });
}

function tighten(dataDir: string): string[] {
  const folder = realpathSync(dataDir);
  if ((lstatSync(folder).mode & STICKY) !== 0) {
    return [`The data directory ${dataDir} is a folder that users share; name one that is this server's alone.`];
  }
  try {
    const changed = [folder, ...readdirSync(folder).map((name) => join(folder, name))].filter(tightenOne);
    const [first] = changed;
    const more = changed.length > 1 ? `, and ${String(changed.length - 1)} more in it` : '';
    return first === undefined ? [] : [`${first} could be read by others; it is its owner's alone now${more}.`];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return [`The data directory ${dataDir} can be read by others, and can't be changed (${String(code)}).`];
  }
}

/** Whether it had to be. What others put there as a link is theirs; what is gone meanwhile needs nothing. */
function tightenOne(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  const isOurs = found?.isFile() === true || found?.isDirectory() === true;
  if (!isOurs || (found.mode & OTHERS) === 0) {
    return false;
  }
  chmodSync(path, found.isDirectory() ? 0o700 : 0o600);
  return true;
}

/** Makes the file, or an old one, the owner's alone (0600); SQLite gives its `-wal` and `-shm` the same mode. */
export function prepareFile(dataDir: string, name: string): string {
  const file = join(dataDir, name);
  guard(dataDir, () => {
    // Never opened if it exists: closing any handle of a file ends all POSIX locks that this process holds on it.
    try {
      closeSync(openSync(file, 'wx', 0o600));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw error;
      }
      chmodSync(file, 0o600);
    }
  });
  return file;
}

/** Locks end with their database, and a database that nobody refers to is closed by the garbage collector. */
const held = new Set<DatabaseSync>();

/**
 * Keeps other servers out of the directory: an exclusive transaction that is never ended, on a database of its own. The
 * operating system drops the lock with the process, however that ends.
 */
export class DirectoryLock {
  readonly #database: DatabaseSync;

  /** Throws `conflict` when another process, or this one, holds it. */
  constructor(dataDir: string) {
    const file = prepareFile(dataDir, 'lock.db');
    this.#database = guard(dataDir, () => new DatabaseSync(file, { timeout: 0 }));
    try {
      // Nothing is ever written, so no journal file needs to stand beside it.
      this.#database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      this.#database.close();
      throw toResultCode(error) === SQLITE_BUSY ? toConflict(dataDir) : toOpenError(dataDir, error);
    }
    held.add(this.#database);
  }

  release(): void {
    held.delete(this.#database);
    this.#database.close();
  }
}

/** Runs what opens the storage; whatever it throws becomes `storage_unavailable` and names the directory. */
export function guard<T>(dataDir: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw toOpenError(dataDir, error);
  }
}

function toOpenError(dataDir: string, error: unknown): ServiceError {
  if (error instanceof ServiceError) {
    return error;
  }
  const message = DAMAGED.has(toResultCode(error))
    ? `The database in ${dataDir} is damaged (${toReason(error)}); nothing in it was changed. Put a backup in its place, ` +
      'or rescue what can be read with "sqlite3 codex-web.db .recover", or choose another directory with --data-dir.'
    : `The data directory ${dataDir} can't be used: ${toReason(error)}. ` +
      'Put that right, or choose another one with --data-dir.';
  return new ServiceError('storage_unavailable', message, { cause: error });
}

function toConflict(dataDir: string): ServiceError {
  return new ServiceError(
    'conflict',
    `Another server already uses the data directory ${dataDir}. Stop it, or choose another with --data-dir.`,
  );
}
