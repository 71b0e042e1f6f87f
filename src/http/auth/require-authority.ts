import { type Authority } from '../../core/permissions/authority.js';
import { ServiceError } from '../../core/errors.js';
import { type Request } from 'express';

/** On whose behalf a request acts. Throws `unauthorized` on a route that is open to all. */
export function requireAuthority({ caller }: Pick<Request, 'caller'>): Authority {
  if (!caller) {
    throw new ServiceError('unauthorized', 'Send the token of this server.');
  }
  return { ceiling: caller.ceiling };
}
