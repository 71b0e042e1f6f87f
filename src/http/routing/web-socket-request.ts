import { type IncomingMessage } from 'node:http';
import { pathOf } from './request-route.js';
import { type RouteTable } from './route-table.js';

/**
 * Whether a request that offers an upgrade is one for a WebSocket, at a route that has them. Any other one, such as the
 * `h2c` that Java's client and `curl --http2` offer with everything they send, is a request like all others: Node
 * would take its body for bytes of the new protocol.
 */
export function isWebSocketRequest({ method = '', url = '', headers }: IncomingMessage, routes: RouteTable): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return (
    headers.upgrade?.toLowerCase() === 'websocket' &&
    !hasBody &&
    method === 'GET' &&
    routes.find(method, pathOf(url))?.route.isWebSocket === true
  );
}
