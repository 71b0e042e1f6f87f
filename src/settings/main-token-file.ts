import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toDigest, TokenFileError } from './token-file.js';
import { findTokenFault } from './token-rules.js';

/** The main token that a server made for itself. The token itself is nowhere: its digest is what it is known by. */
export interface MainToken {
  /** Stands for whoever holds the token; stays when the token is replaced, so that what belongs to it still does. */
  readonly id: string;
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  readonly createdAt: string;
}

const FILE = 'main-token.json';
/** Where versions up to 0.1 kept the token in clear. */
const CLEAR_FILE = 'auth-token';

/** The main token of a data directory: a file of mode 0600 that is replaced as a whole. */
export class MainTokenFile {
  readonly path: string;
  readonly #clearPath: string;

  constructor(private readonly dataDir: string) {
    this.path = join(dataDir, FILE);
    this.#clearPath = join(dataDir, CLEAR_FILE);
  }

  /** `undefined` when there is none. Throws `TokenFileError` for a file that can't be read or makes no sense. */
  find(): MainToken | undefined {
    const text = readIfThere(this.path);
    if (text === undefined) {
      return undefined;
    }
    const entry = parse(text);
    if (!entry) {
      throw new TokenFileError(`${this.path} holds no token; make another with "codex-web-server token rotate"`);
    }
    return entry;
  }

  /**
   * Makes a token, unless there is one: then `null`. A link of a finished file either appears whole or fails, so two
   * servers which start at once end with the same token, and a crash leaves no half of one.
   */
  create(): string | null {
    const token = randomBytes(32).toString('base64url');
    const draft = this.#draft(toEntry(token));
    try {
      linkSync(draft, this.path);
      return token;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') {
        return null;
      }
      throw this.#toFault(error);
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** Puts a new token in the place of the one there is, if any, and returns it: the only time that it can be seen. */
  rotate(): string {
    const token = randomBytes(32).toString('base64url');
    this.#replace({ ...toEntry(token), ...this.#holder() });
    rmSync(this.#clearPath, { force: true });
    return token;
  }

  /**
   * Takes over a token that lies in clear: from now on its digest is kept, and the file is gone. Whether there was one.
   * Throws `TokenFileError` for a file that holds no usable token.
   */
  takeOver(): boolean {
    const token = readIfThere(this.#clearPath)?.trim();
    if (token === undefined) {
      return false;
    }
    const fault = findTokenFault(token);
    if (fault !== null) {
      throw new TokenFileError(`The stored token ${this.#clearPath} holds no usable token: it ${fault}`);
    }
    this.#replace(toEntry(token));
    rmSync(this.#clearPath, { force: true });
    return true;
  }

  /** A file that makes no sense is what is to be replaced. */
  #holder(): { id?: string } {
    const entry = parse(readIfThere(this.path) ?? '');
    return entry ? { id: entry.id } : {};
  }

  #replace(entry: MainToken): void {
    const draft = this.#draft(entry);
    try {
      renameSync(draft, this.path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw this.#toFault(error);
    }
  }

  #draft(entry: MainToken): string {
    const draft = `${this.path}.${String(process.pid)}.${randomBytes(4).toString('hex')}`;
    try {
      mkdirSync(this.dataDir, { recursive: true, mode: 0o700 });
      writeFileSync(draft, `${JSON.stringify(entry, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
      return draft;
    } catch (error) {
      throw this.#toFault(error);
    }
  }

  #toFault(error: unknown): TokenFileError {
    return new TokenFileError(
      `--data-dir ${this.dataDir} can't hold the token (${codeOf(error)}); name a folder that can be written`,
    );
  }
}

/** Who holds a token that is known by this digest. */
export const toCallerId = (digest: string): string => digest.slice(0, 16);

function toEntry(token: string): MainToken {
  const digest = toDigest(token);
  return { id: toCallerId(digest), digest, createdAt: new Date().toISOString() };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // What is below a file is not there either.
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) {
      return undefined;
    }
    throw new TokenFileError(`${path} can't be read (${codeOf(error)})`);
  }
}

function parse(text: string): MainToken | undefined {
  try {
    const { id, digest, createdAt } = JSON.parse(text) as Record<string, unknown>;
    const isEntry = typeof id === 'string' && typeof createdAt === 'string' && /^[0-9a-f]{64}$/.test(String(digest));
    return isEntry ? { id, digest: String(digest), createdAt } : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
}
