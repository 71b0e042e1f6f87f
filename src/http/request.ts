import { type ServiceError } from '../core/errors.js';
import { type Ceiling } from '../core/permissions/ceiling.js';
import { type Scope } from '../settings/scopes.js';
import { type OpenTicket } from './auth/stream-tickets.js';

/** Who is asking. */
export interface Caller {
  /** Stands for the token without telling it; the same after a restart. */
  readonly id: string;
  /** Set when a stream ticket was shown instead of the token. */
  readonly ticket: OpenTicket | null;
  /** What the token is good for. */
  readonly scopes: ReadonlySet<Scope>;
  /** How far he may go with what he has run. */
  readonly ceiling: Ceiling;
}

/** Why a request has no caller. */
export interface BearerRefusal {
  error: ServiceError;
  /** For `WWW-Authenticate` (RFC 6750, section 3). */
  challenge: string;
}

declare module 'express-serve-static-core' {
  interface Request {
    /** Also in `X-Request-Id` of the response, and in the log. */
    requestId: string;
    /** `null` on public routes that were called without a valid token. */
    caller: Caller | null;
    /** Set when a token was sent that is not valid. */
    refusal?: BearerRefusal;
    /** Set when the answer became an event stream. */
    isStream?: true;
  }
}
