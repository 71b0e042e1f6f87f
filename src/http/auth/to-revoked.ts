import { ServiceError } from '../../core/errors.js';

/** What whoever holds something open is told when its token is no longer good. */
export function toRevoked(): ServiceError {
  return new ServiceError('unauthorized', 'This token has been revoked.');
}
