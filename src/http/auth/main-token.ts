import { timingSafeEqual } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import { type OnModuleDestroy } from '@nestjs/common';
import { type Logger } from 'pino';
import { NO_CEILING } from '../../core/permissions/ceiling.js';
import { MainTokenFile } from '../../settings/main-token-file.js';
import { ALL_SCOPES } from '../../settings/scopes.js';
import { type AuthToken } from '../../settings/settings.js';
import { type Caller } from '../request.js';
import { stampOf } from './file-stamp.js';
import { POLL_MS } from './named-tokens.js';

/** Whoever holds the main token, known by its digest. One that is kept in the data directory may be replaced at any time. */
export class MainTokenHolder implements OnModuleDestroy {
  #digest: Buffer | undefined;
  #caller: Caller;
  #stamp = '';
  readonly #file: MainTokenFile | undefined;
  readonly #onChange = (): void => {
    this.#load();
  };

  /** `onRevoked` gets the id of the caller whose token is no longer good. */
  constructor(
    { digest, callerId, source }: Pick<AuthToken, 'digest' | 'callerId' | 'source'>,
    private readonly options: { dataDir: string; logger: Logger; onRevoked: (callerId: string) => void },
  ) {
    this.#digest = Buffer.from(digest, 'hex');
    this.#caller = toCaller(callerId);
    if (source === 'stored' || source === 'generated') {
      this.#file = new MainTokenFile(options.dataDir);
      this.#load();
      watchFile(this.#file.path, { interval: POLL_MS, persistent: false }, this.#onChange);
    }
  }

  /** By the SHA-256 of what was sent, compared in constant time. One that was made a moment ago is good at once. */
  find(digest: Buffer): Caller | undefined {
    const found = this.#match(digest);
    if (found === undefined && this.#file && stampOf(this.#file.path) !== this.#stamp) {
      this.#load();
      return this.#match(digest);
    }
    return found;
  }

  onModuleDestroy(): void {
    if (this.#file) {
      unwatchFile(this.#file.path, this.#onChange);
    }
  }

  #match(digest: Buffer): Caller | undefined {
    return this.#digest && timingSafeEqual(digest, this.#digest) ? this.#caller : undefined;
  }

  #load(): void {
    const before = this.#digest;
    this.#stamp = this.#file ? stampOf(this.#file.path) : '';
    const entry = this.#read();
    this.#digest = entry && Buffer.from(entry.digest, 'hex');
    if (before && !(this.#digest?.equals(before) ?? false)) {
      this.options.onRevoked(this.#caller.id);
    }
    this.#caller = toCaller(entry?.id ?? this.#caller.id);
  }

  #read(): ReturnType<MainTokenFile['find']> {
    const refusal =
      'main-token.json is invalid; rejecting the main token until it is fixed or replaced with "token rotate"';
    try {
      const entry = this.#file?.find();
      if (!entry) {
        this.options.logger.error({ reason: 'The file is gone.' }, refusal);
      }
      return entry;
    } catch (error) {
      this.options.logger.error({ err: error }, refusal);
      return undefined;
    }
  }
}

const toCaller = (id: string): Caller => Object.freeze({ id, ticket: null, scopes: ALL_SCOPES, ceiling: NO_CEILING });
