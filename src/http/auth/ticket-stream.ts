import { type Request } from 'express';
import { pathOf } from '../routing/request-route.js';

/** The two streams that an `EventSource` may open with a ticket, and no other path. */
const STREAM_PATH = /^\/api\/v2\/(?:events|threads\/([^/]+)\/events)$/;

export interface TicketUse {
  ticket: string;
  /** The thread of the path; `null` for the stream of all threads. */
  threadId: string | null;
}

/** The ticket of a request for one of the two streams. `undefined` for all other requests. */
export function findTicketUse({ method, url }: Request): TicketUse | undefined {
  if (method !== 'GET' || !url.includes('ticket=')) {
    return undefined;
  }
  const match = STREAM_PATH.exec(pathOf(url));
  const ticket = match && queryOf(url).get('ticket');
  return ticket ? { ticket, threadId: match[1] === undefined ? null : decodeURIComponent(match[1]) } : undefined;
}

/** The same address without its ticket, so that no handler, log or error further on can show it. */
export function withoutTicket(url: string): string {
  const query = queryOf(url);
  query.delete('ticket');
  return query.size === 0 ? pathOf(url) : `${pathOf(url)}?${query.toString()}`;
}

export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}
