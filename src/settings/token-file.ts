import { hash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isScope, type Scope } from './scopes.js';

/** A token beside the main one. The token itself is nowhere: its digest is what it is known by. */
export interface NamedToken {
  /** Stands for the token; never used again for another one. */
  readonly id: string;
  readonly name: string;
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
}

const FILE = 'tokens.json';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Something is wrong with the file, or with what was asked of it; the message says what to do. */
export class TokenFileError extends Error {}

/**
 * The named tokens of a data directory: a file of mode 0600 that is replaced as a whole, so that a reader sees the old one
 * or the new one.
 */
export class TokenFile {
  readonly path: string;

  constructor(private readonly dataDir: string) {
    this.path = join(dataDir, FILE);
  }

  /** None when there is no file. Throws `TokenFileError` for one that can't be read or makes no sense. */
  read(): NamedToken[] {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return [];
      }
      throw new TokenFileError(`${this.path} can't be read (${String((error as NodeJS.ErrnoException).code)})`);
    }
    const tokens = parse(text);
    if (!tokens) {
      throw new TokenFileError(`${this.path} is no list of tokens; remove it and create them anew`);
    }
    return tokens;
  }

  /** Makes a token and returns it: the only time that it can be seen. `isReplacing`: ends the one of that name. */
  create(name: string, scopes: readonly Scope[], { isReplacing = false } = {}): { token: string; entry: NamedToken } {
    if (!NAME.test(name)) {
      throw new TokenFileError(`"${name}" is no name for a token: use letters, digits, ".", "_" and "-", at most 64`);
    }
    const tokens = this.read();
    const others = tokens.filter((token) => token.name !== name);
    if (others.length < tokens.length && !isReplacing) {
      throw new TokenFileError(
        `there is a token "${name}" already; choose another name, or end that one with --replace or "token revoke"`,
      );
    }
    const token = `cws_${randomBytes(32).toString('base64url')}`;
    const entry = {
      id: randomBytes(8).toString('hex'),
      name,
      digest: toDigest(token),
      scopes,
      createdAt: new Date().toISOString(),
    };
    this.#write([...others, entry]);
    return { token, entry };
  }

  revoke(name: string): void {
    const tokens = this.read();
    const kept = tokens.filter((token) => token.name !== name);
    if (kept.length === tokens.length) {
      throw new TokenFileError(`there is no token "${name}"; "token list" shows those there are`);
    }
    this.#write(kept);
  }

  #write(tokens: readonly NamedToken[]): void {
    const draft = `${this.path}.${String(process.pid)}.${randomBytes(4).toString('hex')}`;
    try {
      mkdirSync(this.dataDir, { recursive: true, mode: 0o700 });
      writeFileSync(draft, `${JSON.stringify({ tokens }, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
      renameSync(draft, this.path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw new TokenFileError(`${this.path} can't be written (${String((error as NodeJS.ErrnoException).code)})`);
    }
  }
}

export function toDigest(token: string): string {
  return hash('sha256', token, 'hex');
}

function parse(text: string): NamedToken[] | undefined {
  try {
    const { tokens } = JSON.parse(text) as { tokens: unknown };
    return Array.isArray(tokens) && tokens.every(isNamedToken) ? tokens : undefined;
  } catch {
    return undefined;
  }
}

function isNamedToken(value: unknown): value is NamedToken {
  const { id, name, digest, scopes, createdAt } = (value ?? {}) as Record<string, unknown>;
  const isText = [id, name, digest, createdAt].every((one) => typeof one === 'string');
  return isText && Array.isArray(scopes) && scopes.every((one) => typeof one === 'string' && isScope(one));
}
