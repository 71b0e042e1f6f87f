import { hash } from 'node:crypto';
import { type Request } from 'express';
import { Strategy, type VerifyFunction } from 'passport-http-bearer';
import { ServiceError } from '../../core/errors.js';
import { type BearerRefusal, type Caller } from '../request.js';
import { type MainTokenHolder } from './main-token.js';
import { type NamedTokens } from './named-tokens.js';

const REALM = 'codex-web-server';

export type BearerResult = { caller: Caller } | BearerRefusal;

type TokenStrategy = Strategy<VerifyFunction>;

/** The actions that passport gives a strategy for one request. */
interface Actions {
  success(caller: Caller): void;
  fail(challenge: unknown): void;
  error(error: unknown): void;
}

/**
 * The `passport-http-bearer` strategy (RFC 6750), hardened: it sees the `Authorization` header only, as tokens in queries
 * and bodies end in logs and histories, and compares digests in constant time. The main token is good for everything, a
 * named one for its scopes.
 */
export class BearerAuthenticator {
  readonly #strategy: TokenStrategy;

  constructor(main: Pick<MainTokenHolder, 'find'>, named?: Pick<NamedTokens, 'find'>) {
    this.#strategy = new Strategy({ realm: REALM }, (sent, done) => {
      const digest = hash('sha256', sent, 'buffer');
      done(null, main.find(digest) ?? named?.find(digest.toString('hex')) ?? false);
    });
  }

  /** Ends before it returns, as nothing here waits. */
  authenticate({ headers: { authorization } }: Request): BearerResult {
    let result: BearerResult | undefined;
    const actions: Actions = {
      success: (caller) => {
        result = { caller };
      },
      fail: (challenge) => {
        result = toRefusal(
          typeof challenge === 'string' ? challenge : `Bearer realm="${REALM}", error="invalid_request"`,
          authorization,
        );
      },
      error: (cause) => {
        throw ServiceError.from(cause);
      },
    };
    // Passport runs a strategy the same way: an object of its own for each request, with the actions on it.
    const run = Object.assign(Object.create(this.#strategy) as TokenStrategy, actions);
    const headerOnly: unknown = { headers: { authorization } };
    run.authenticate(headerOnly as Request);
    return result ?? toRefusal(`Bearer realm="${REALM}"`, authorization);
  }
}

/** The refusal of a request that sent no credentials. */
export const toMissingToken = (): BearerRefusal => toRefusal(`Bearer realm="${REALM}"`, undefined);

function toRefusal(challenge: string, authorization: string | undefined): BearerRefusal {
  return { error: new ServiceError('unauthorized', toMessage(challenge, authorization)), challenge };
}

/** It never quotes the header: what stands in the place of the scheme may be the token. */
function toMessage(challenge: string, authorization: string | undefined): string {
  const how = 'Send the token of this server in the header "Authorization: Bearer <token>"';
  if (authorization !== undefined && !/^bearer(?:\s|$)/i.test(authorization)) {
    return `${how}; the header that was sent does not begin with "Bearer".`;
  }
  return challenge.includes('error=') ? 'The bearer token is not valid for this server.' : `${how}.`;
}
