import { type Request } from 'express';
import { ServiceError } from '../../core/errors.js';

/** Who owns what this request makes or asks for. Throws `unauthorized` on a route that is open to all. */
export function requireCallerId({ caller }: Request): string {
  if (!caller) {
    throw new ServiceError('unauthorized', 'Send the token of this server.');
  }
  return caller.id;
}
