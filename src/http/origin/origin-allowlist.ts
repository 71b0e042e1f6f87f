import { type Request, type Response } from 'express';

const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
/** Pages of a listed origin are trusted, and SDKs send many headers of their own; the wildcard leaves out `Authorization`. */
const ALLOWED_HEADERS =
  'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Codex-Events, X-Codex-Mode, X-Codex-Thread, ' +
  'X-Request-Id, *';
const EXPOSED_HEADERS =
  'Idempotent-Replayed, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, ' +
  'X-Codex-Ignored-Parameters, X-Codex-Thread, X-Codex-Thread-Id, X-Codex-Turn-Id, X-Request-Id';
const PREFLIGHT_SECONDS = '600';

/** Whether the page that asks may: programs send no `Origin`, the server's own pages its own, and others must be listed. */
export function isOriginAllowed(req: Request, allowed: ReadonlySet<string>): boolean {
  const { origin, host } = req.headers;
  return origin === undefined || isSameOrigin(origin, host) || allowed.has(origin.toLowerCase());
}

/** Behind a TLS proxy the page's scheme is https while ours is http, so the scheme isn't compared. */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/** The headers of the Fetch standard's CORS protocol, for an origin that was allowed. */
export function setCorsHeaders(res: Response, origin: string): void {
  res.setHeader('Vary', 'Origin');
  res.setHeader('Access-Control-Allow-Origin', origin);
  res.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
}

export const isPreflight = ({ method, headers }: Request): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/** Sent without a token by browsers, and so answered without one; it tells nothing about a route. */
export function answerPreflight(res: Response): void {
  res.setHeader('Access-Control-Allow-Methods', ALLOWED_METHODS);
  res.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS);
  res.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS);
  res.writeHead(204).end();
}
