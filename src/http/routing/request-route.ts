import { type Request } from 'express';
import { type RouteMatch } from './route-table.js';

const matches = new WeakMap<Request, RouteMatch>();

/** What the gate found for a request, so that it isn't searched for again. */
export const setRouteMatch = (req: Request, match: RouteMatch): void => {
  matches.set(req, match);
};

export const findRouteMatch = (req: Request): RouteMatch | undefined => matches.get(req);

/** The path as sent: without the query, not decoded. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  return path.startsWith('/') ? path : toPath(path);
}

/** A proxy's absolute form (RFC 9112, section 3.2.2), or `*`. */
function toPath(target: string): string {
  return URL.canParse(target) ? new URL(target).pathname : '/*';
}
