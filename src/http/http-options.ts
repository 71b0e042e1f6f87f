import { type Settings } from '../settings/settings.js';
import { type RateLimitRules } from './limits/rate-limits.js';

/** Injection token of `HttpOptions`. */
export const HTTP_OPTIONS = Symbol('http:options');

/** What the edge needs to know of the settings, and what only tests change. */
export interface HttpOptions {
  readonly settings: Pick<
    Settings,
    'host' | 'allowedHosts' | 'allowedOrigins' | 'authToken' | 'maxBodyBytes' | 'hasDocs' | 'healthStatus'
  >;
  readonly rateLimits?: RateLimitRules;
  readonly sse?: SseTimes;
}

export interface SseTimes {
  /** After how many milliseconds without a byte a stream gets a comment. */
  readonly keepaliveMs: number;
  /** How long a stream that was told to end may take to read what is still buffered. */
  readonly drainMs: number;
}
