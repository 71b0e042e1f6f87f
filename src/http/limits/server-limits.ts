import { type Server } from 'node:http';

const MAX_HEADERS = 100;
const HEADERS_TIMEOUT_MS = 20_000;
/** For a request to arrive whole; long enough for a large attachment on a slow line. Answers may take any time. */
const REQUEST_TIMEOUT_MS = 300_000;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Bounds what a connection can hold on to. Node itself limits all headers together to 16 KiB. */
export function limitServer(server: Server): void {
  server.maxHeadersCount = MAX_HEADERS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
}
