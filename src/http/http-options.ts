import { type CeilingValues, type LimitValues, type Settings } from '../settings/settings.js';
import { type Metrics } from './metrics/metrics.js';
import { type RequestTracer } from './observe/request-tracer.js';

/** Injection token of `HttpOptions`. */
export const HTTP_OPTIONS = Symbol('http:options');

/** What the edge needs to know of the settings, and what only tests change. */
export interface HttpOptions {
  readonly settings: LimitValues &
    CeilingValues &
    Pick<
      Settings,
      | ('host' | 'dataDir' | 'allowedHosts' | 'allowedOrigins' | 'authToken' | 'maxBodyBytes')
      | ('hasDocs' | 'healthStatus' | 'approvalPolicy' | 'isBypassingApprovalsAndSandbox')
    >;
  readonly sse?: SseTimes;
  /** One of its own without it. */
  readonly metrics?: Metrics;
  /** `undefined`: nothing is traced. */
  readonly tracer?: RequestTracer | undefined;
}

export interface SseTimes {
  /** After how many milliseconds without a byte a stream gets a comment. */
  readonly keepaliveMs: number;
  /** How long a stream that was told to end may take to read what is still buffered. */
  readonly drainMs: number;
}
