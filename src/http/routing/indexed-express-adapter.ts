import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { StreamableFile } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { type NextFunction, type Request, type Response } from 'express';
import { ServiceError } from '../../core/errors.js';
import { continueWhenRead } from '../limits/continue-when-read.js';
import { SERVER_OPTIONS } from '../limits/server-limits.js';
import { isCutOff } from '../problem/cut-off.js';
import { findRouteMatch, pathOf } from './request-route.js';
import { RouteTable, type RouteHandler, type RouteMatch } from './route-table.js';
import { isWebSocketRequest } from './web-socket-request.js';

/**
 * Nest's Express adapter with the routes in one table instead of a list that Express walks with a regular expression a
 * route (with a hundred routes, that walk costs more than the rest of a cheap read), and with a plain way to send JSON.
 */
export class IndexedExpressAdapter extends ExpressAdapter {
  readonly routes = new RouteTable();

  /** Nest's own takes no options for the server, and some can be given only when it is made. */
  override initHttpServer(): void {
    const instance: unknown = this.getInstance();
    const shouldUpgradeCallback = (req: IncomingMessage): boolean => isWebSocketRequest(req, this.routes);
    const server = createServer({ ...SERVER_OPTIONS, shouldUpgradeCallback }, instance as RequestListener);
    continueWhenRead(server);
    this.setHttpServer(server);
  }

  override get(...args: unknown[]): unknown {
    return this.#register('GET', args);
  }

  override post(...args: unknown[]): unknown {
    return this.#register('POST', args);
  }

  override put(...args: unknown[]): unknown {
    return this.#register('PUT', args);
  }

  override patch(...args: unknown[]): unknown {
    return this.#register('PATCH', args);
  }

  override delete(...args: unknown[]): unknown {
    return this.#register('DELETE', args);
  }

  override setNotFoundHandler(...args: Parameters<ExpressAdapter['setNotFoundHandler']>): unknown {
    // Nest installs its middlewares before its routes, and this handler after them: here is where the routes belong.
    this.use((req: Request, res: Response, next: NextFunction) => {
      this.#dispatch(req, res, next);
    });
    return super.setNotFoundHandler(...args) as unknown;
  }

  /** An answer that is an event stream, or was cut off, is written by somebody else. */
  override reply(response: Response, body: unknown, statusCode?: number): unknown {
    if (response.req.isStream === true || isCutOff(response)) {
      return response;
    }
    const text = toText(body, response);
    if (text === undefined) {
      return super.reply(response, body, statusCode) as unknown;
    }
    if (statusCode !== undefined) {
      response.statusCode = statusCode;
    }
    response.setHeader('Content-Length', Buffer.byteLength(text));
    return response.end(text);
  }

  #register(method: string, args: unknown[]): unknown {
    const [path, handler, ...rest] = args;
    if (typeof path !== 'string' || typeof handler !== 'function' || rest.length > 0) {
      throw new Error(`A route must be one path and one handler, not ${String(args.length)} arguments`);
    }
    this.routes.add(method, path, handler as RouteHandler);
    return this;
  }

  #dispatch(req: Request, res: Response, next: NextFunction): void {
    const path = pathOf(req.url);
    const match = findRouteMatch(req) ?? this.routes.find(req.method, path);
    if (match) {
      req.params = toParams(match);
      Promise.resolve(match.route.handler(req, res, next)).catch(next);
      return;
    }
    this.#refuse(req, res, next, path);
  }

  #refuse({ method }: Request, res: Response, next: NextFunction, path: string): void {
    const methods = this.routes.findMethods(path);
    if (methods.length === 0) {
      next();
      return;
    }
    res.setHeader('Allow', methods.join(', '));
    if (method === 'OPTIONS') {
      res.writeHead(204).end();
    } else {
      next(
        new ServiceError('method_not_allowed', `${method} is not possible here; this path has ${methods.join(', ')}.`),
      );
    }
  }
}

/** Throws `URIError` for a bad percent-encoding, which the gate has already refused. */
function toParams({ route, values }: RouteMatch): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [index, name] of route.paramNames.entries()) {
    const value = values[index] ?? '';
    params[name] = value.includes('%') ? decodeURIComponent(value) : value;
  }
  return params;
}

/** What goes out as it is: JSON, or text or bytes whose type the route has said. Sets the type of the former. */
function toText(body: unknown, response: Response): string | Buffer | undefined {
  const hasType = response.hasHeader('Content-Type');
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    return hasType ? body : undefined;
  }
  if (hasType || typeof body !== 'object' || body === null || body instanceof StreamableFile || body instanceof Error) {
    return undefined;
  }
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  return JSON.stringify(body);
}
