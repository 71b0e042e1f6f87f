import { type NextFunction, type Request, type Response } from 'express';
import {
  type AfterCutShort,
  findAfterCutShort,
  findBodyTypes,
  findMaxBodyBytes,
  isGuardedHandler,
  isWebSocketHandler,
} from './route-metadata.js';

export type RouteHandler = (req: Request, res: Response, next: NextFunction) => unknown;

export interface Route {
  readonly method: string;
  /** As declared: `/api/v2/threads/:id`. */
  readonly pattern: string;
  readonly handler: RouteHandler;
  /** Whether Nest's guards stand before the handler. */
  readonly isGuarded: boolean;
  /** Whether a WebSocket can be had here. */
  readonly isWebSocket: boolean;
  /** `undefined`: an `Idempotency-Key` doesn't count. */
  readonly afterCutShort: AfterCutShort | undefined;
  /** Media types of its body; none: JSON. */
  readonly bodyTypes: readonly string[] | undefined;
  /** How large a JSON body may be here, if more than elsewhere. */
  readonly maxBodyBytes: number;
  readonly paramNames: readonly string[];
}

export interface RouteMatch {
  readonly route: Route;
  /** As sent, not decoded, in the order of `paramNames`. */
  readonly values: readonly string[];
}

interface Node {
  readonly literals: Map<string, Node>;
  param: Node | undefined;
  rest: Node | undefined;
  readonly routes: Map<string, Route>;
}

const newNode = (): Node => ({ literals: new Map(), param: undefined, rest: undefined, routes: new Map() });

/**
 * All routes as a tree of path segments, so that finding one costs the same with ten routes and with a hundred, and
 * can be done before anything else of a request is looked at. A literal segment beats a parameter whatever the order of
 * registration. Knows literals, `:name` and a last `*name`; refuses other patterns when they are added.
 */
export class RouteTable {
  readonly #root = newNode();

  add(method: string, pattern: string, handler: RouteHandler): void {
    const paramNames: string[] = [];
    let node = this.#root;
    for (const segment of toSegments(pattern)) {
      node = step(node, segment, pattern);
      if (/^[:*]/.test(segment)) {
        paramNames.push(segment.slice(1));
      }
    }
    // The first one wins, as in Express.
    if (!node.routes.has(method)) {
      node.routes.set(method, {
        method,
        pattern,
        handler,
        isGuarded: isGuardedHandler(handler),
        isWebSocket: isWebSocketHandler(handler),
        afterCutShort: findAfterCutShort(handler),
        bodyTypes: findBodyTypes(handler),
        maxBodyBytes: findMaxBodyBytes(handler) ?? 0,
        paramNames,
      });
    }
  }

  /** HEAD is answered by what answers GET. */
  find(method: string, path: string): RouteMatch | undefined {
    const segments = toSegments(path);
    const found = search(this.#root, segments, 0, method);
    return found ?? (method === 'HEAD' ? search(this.#root, segments, 0, 'GET') : undefined);
  }

  /** The methods of a path for an `Allow` header; empty: there is no such path. */
  findMethods(path: string): string[] {
    const methods = new Set<string>();
    collect(this.#root, toSegments(path), 0, methods);
    if (methods.size > 0) {
      methods.add('OPTIONS');
    }
    if (methods.has('GET')) {
      methods.add('HEAD');
    }
    return [...methods].sort();
  }

  /** Every route that is registered. */
  list(): Route[] {
    return listBelow(this.#root);
  }
}

function step(node: Node, segment: string, pattern: string): Node {
  if (segment.startsWith(':') || segment.startsWith('*')) {
    const kind = segment.startsWith(':') ? 'param' : 'rest';
    return (node[kind] ??= newNode());
  }
  if (/[(){}?+!*:[\]]/.test(segment)) {
    throw new Error(`The route ${pattern} has a segment that the route table does not know: ${segment}`);
  }
  const next = node.literals.get(segment) ?? newNode();
  node.literals.set(segment, next);
  return next;
}

function search(node: Node, segments: readonly string[], at: number, method: string): RouteMatch | undefined {
  const segment = segments[at];
  if (segment === undefined) {
    const route = node.routes.get(method);
    return route && { route, values: [] };
  }
  const literal = node.literals.get(segment);
  const found = literal && search(literal, segments, at + 1, method);
  if (found) {
    return found;
  }
  const below = node.param && segment !== '' ? search(node.param, segments, at + 1, method) : undefined;
  if (below) {
    return { route: below.route, values: [segment, ...below.values] };
  }
  const route = node.rest?.routes.get(method);
  return route && { route, values: [segments.slice(at).join('/')] };
}

function collect(node: Node, segments: readonly string[], at: number, into: Set<string>): void {
  const segment = segments[at];
  if (segment === undefined) {
    addAll(node, into);
    return;
  }
  const literal = node.literals.get(segment);
  if (literal) {
    collect(literal, segments, at + 1, into);
  }
  if (node.param && segment !== '') {
    collect(node.param, segments, at + 1, into);
  }
  if (node.rest) {
    addAll(node.rest, into);
  }
}

function addAll({ routes }: Node, into: Set<string>): void {
  for (const method of routes.keys()) {
    into.add(method);
  }
}

function listBelow(node: Node): Route[] {
  const children = [...node.literals.values(), ...[node.param, node.rest].filter((child) => child !== undefined)];
  return [...node.routes.values(), ...children.flatMap(listBelow)];
}

/** One slash at the end makes no difference, as in Express. */
function toSegments(path: string): string[] {
  const end = path.length > 1 && path.endsWith('/') ? path.length - 1 : path.length;
  return path.slice(1, end).split('/');
}
