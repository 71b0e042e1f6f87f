import { unwatchFile, watchFile } from 'node:fs';
import { type OnModuleDestroy } from '@nestjs/common';
import { type Logger } from 'pino';
import { type Ceiling } from '../../core/permissions/ceiling.js';
import { type Scope } from '../../settings/scopes.js';
import { type NamedToken, TokenFile } from '../../settings/token-file.js';
import { type Caller } from '../request.js';
import { stampOf } from './file-stamp.js';
import { toCeiling } from './to-ceiling.js';

/** How long a token that is gone may still be good, at most. */
export const POLL_MS = 300;

/**
 * The callers that named tokens stand for, as the file has them now: tokens are made and revoked while the server runs.
 * When the file makes no sense, none of them is good: a token that may have been revoked must not work.
 */
export class NamedTokens implements OnModuleDestroy {
  #callers = new Map<string, Caller>();
  #stamp = '';
  readonly #file: TokenFile;
  readonly #onChange = (): void => {
    this.#load();
  };

  /** `onRevoked` gets the id of each caller whose token is no longer good, or not for all that it was. */
  constructor(
    dataDir: string,
    private readonly logger: Logger,
    /** Of callers who are no admins. */
    private readonly ceiling: Ceiling,
    private readonly onRevoked: (callerId: string) => void,
  ) {
    this.#file = new TokenFile(dataDir);
    this.#load();
    watchFile(this.#file.path, { interval: POLL_MS, persistent: false }, this.#onChange);
  }

  /**
   * By the hexadecimal digest of what was sent; how long a look-up by it takes tells nothing of a token. What is not known
   * may have been made a moment ago, so that the file is looked at again.
   */
  find(digest: string): Caller | undefined {
    const known = this.#callers.get(digest);
    if (known === undefined && stampOf(this.#file.path) !== this.#stamp) {
      this.#load();
      return this.#callers.get(digest);
    }
    return known;
  }

  onModuleDestroy(): void {
    unwatchFile(this.#file.path, this.#onChange);
  }

  #load(): void {
    const before = this.#callers;
    this.#stamp = stampOf(this.#file.path);
    this.#callers = new Map(this.#read().map((token) => [token.digest, toCaller(token, this.ceiling)]));
    for (const [digest, { id, scopes }] of before) {
      const now = this.#callers.get(digest)?.scopes;
      if (!now || [...scopes].some((scope) => !now.has(scope))) {
        this.onRevoked(id);
      }
    }
  }

  #read(): NamedToken[] {
    try {
      return this.#file.read();
    } catch (error) {
      this.logger.error({ err: error }, 'tokens.json is invalid; rejecting named tokens until it is fixed');
      return [];
    }
  }
}

function toCaller({ id, scopes: names }: NamedToken, ceiling: Ceiling): Caller {
  const scopes = new Set<Scope>(names);
  return Object.freeze({ id, ticket: null, scopes, ceiling: toCeiling(scopes, ceiling) });
}
