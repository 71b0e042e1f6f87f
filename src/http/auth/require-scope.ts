import { type ServerResponse } from 'node:http';
import { ServiceError } from '../../core/errors.js';
import { type Scope } from '../../settings/scopes.js';
import { type Caller } from '../request.js';

/** Throws `forbidden` for a token that is not good for this, with the challenge of RFC 6750, 3.1. */
export function requireScope({ scopes }: Pick<Caller, 'scopes'>, scope: Scope, res: ServerResponse): void {
  if (!scopes.has(scope)) {
    res.setHeader('WWW-Authenticate', `Bearer realm="codex-web-server", error="insufficient_scope", scope="${scope}"`);
    throw new ServiceError('forbidden', `This token lacks the scope "${scope}"; make one that has it.`);
  }
}
