import { type Server, type ServerOptions } from 'node:http';
import { type LimitValues } from '../../settings/settings.js';

const MAX_HEADERS = 100;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Node looks for late requests only every 30 s otherwise, which would be added to each of the times below. */
export const SERVER_OPTIONS: ServerOptions = { connectionsCheckingInterval: 500 };

type ServerLimits = Pick<LimitValues, 'headersTimeoutMs' | 'uploadTimeoutMs' | 'maxConnections'>;

/**
 * Bounds what a connection can hold on to. Node itself limits all headers together to 16 KiB, answers a late request with
 * 408 and closes its connection, and closes a connection past the limit as soon as it has accepted it.
 */
export function limitServer(server: Server, limits: ServerLimits): void {
  server.maxHeadersCount = MAX_HEADERS;
  server.headersTimeout = Math.min(limits.headersTimeoutMs, limits.uploadTimeoutMs);
  server.requestTimeout = limits.uploadTimeoutMs;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.maxConnections = limits.maxConnections;
}
