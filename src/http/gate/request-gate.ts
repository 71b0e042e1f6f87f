import { Inject, Injectable } from '@nestjs/common';
import { type NextFunction, type Request, type Response } from 'express';
import { ServiceError } from '../../core/errors.js';
import { LOWEST_CEILING } from '../../core/permissions/ceiling.js';
import { type Scope } from '../../settings/scopes.js';
import { BearerAuthenticator } from '../auth/bearer.js';
import { StreamTickets } from '../auth/stream-tickets.js';
import { findTicketUse, queryOf, withoutTicket } from '../auth/ticket-stream.js';
import { toUnauthorized } from '../auth/to-unauthorized.js';
import { HTTP_OPTIONS, type HttpOptions } from '../http-options.js';
import { RateLimits } from '../limits/rate-limits.js';
import { RequestObserver } from '../observe/request-observer.js';
import { type RequestTracer } from '../observe/request-tracer.js';
import { HostAllowlist } from '../origin/host-allowlist.js';
import { answerPreflight, isOriginAllowed, isPreflight, setCorsHeaders } from '../origin/origin-allowlist.js';
import { ProblemWriter } from '../problem/problem-writer.js';
import { toRequestId } from '../request-id/request-id.js';
import { type Caller } from '../request.js';
import { isRead } from '../routing/route-metadata.js';
import { pathOf, setRouteMatch } from '../routing/request-route.js';
import { type RouteTable } from '../routing/route-table.js';
import { findHeadFault, toOriginForm } from './find-head-fault.js';
import { isDocsPath } from './open-paths.js';

/** A ticket opens a stream and nothing else. */
const TICKET_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['read']);

/**
 * Checks every request before its route: head, Host, Origin, credentials. The guards of the route decide about access; where
 * there are none, the gate requires a valid token. It reads no body.
 * One middleware instead of one for each check, since each costs Express a match and a call; requests of routes pass without
 * a promise.
 */
@Injectable()
export class RequestGate {
  readonly #hosts: HostAllowlist;
  readonly #origins: ReadonlySet<string>;
  readonly #tickets: StreamTickets;
  readonly #problems: ProblemWriter;
  readonly #tracer: RequestTracer | undefined;
  readonly #observer: RequestObserver;

  @Inject(BearerAuthenticator)
  private readonly bearer!: BearerAuthenticator;

  @Inject(RateLimits)
  private readonly limits!: RateLimits;

  constructor(
    @Inject(HTTP_OPTIONS) { settings, tracer }: HttpOptions,
    tickets: StreamTickets,
    problems: ProblemWriter,
    observer: RequestObserver,
  ) {
    this.#hosts = new HostAllowlist(settings);
    this.#origins = new Set(settings.allowedOrigins);
    this.#tickets = tickets;
    this.#problems = problems;
    this.#observer = observer;
    this.#tracer = tracer;
  }

  /** The middleware, over the routes of one application. */
  toMiddleware(routes: RouteTable): (req: Request, res: Response, next: NextFunction) => void {
    const tracer = this.#tracer;
    const pass = (req: Request, res: Response, next: NextFunction): void => {
      try {
        this.#pass(routes, req, res, next);
      } catch (error) {
        this.#refuse(req, res, error);
      }
    };
    return (req, res, next) => {
      this.#prepare(req, res);
      if (tracer) {
        tracer.run(req, res, () => {
          pass(req, res, next);
        });
      } else {
        pass(req, res, next);
      }
    };
  }

  #prepare(req: Request, res: Response): void {
    req.requestId = toRequestId(req.headers['x-request-id']);
    req.caller = null;
    if (req.headers.upgrade !== undefined) {
      // Node loses what came behind such a request in the same packet: better to end the connection than to go on in the
      // middle of the next request.
      res.shouldKeepAlive = false;
    }
    if (req.httpVersion === '1.0') {
      // RFC 9112, section 6.1: such a client takes no chunks, whatever its TE says.
      res.useChunkedEncodingByDefault = false;
    }
    res.setHeader('X-Request-Id', req.requestId);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.setHeader('Cache-Control', 'no-store');
    this.#observer.begin(req, res);
  }

  #pass(routes: RouteTable, req: Request, res: Response, next: NextFunction): void {
    this.#checkSource(req, res);
    if (isPreflight(req)) {
      answerPreflight(res);
      return;
    }
    const path = toCheckedPath(req.url);
    const match = routes.find(req.method, path);
    if (match) {
      setRouteMatch(req, match);
    }
    req.caller = this.#identify(req, res);
    if (match?.route.isGuarded === true) {
      next();
    } else {
      this.#passUnguarded(req, res, next, path);
    }
  }

  /** The documentation, or what is no route of a controller: no guard will look at it. */
  #passUnguarded(req: Request, res: Response, next: NextFunction, path: string): void {
    if (!req.caller && !isDocsPath(path)) {
      throw toUnauthorized(req, res);
    }
    if (isRead(req.method)) {
      next();
      return;
    }
    this.limits.countRequest(req, res).then(
      () => {
        next();
      },
      (error: unknown) => {
        this.#problems.write(req, res, error);
      },
    );
  }

  #checkSource(req: Request, res: Response): void {
    const fault = findHeadFault(req);
    if (fault !== undefined) {
      // Nobody knows where a request ends that may be read in two ways.
      res.shouldKeepAlive = false;
      throw new ServiceError('invalid_request', fault);
    }
    if (!req.url.startsWith('/')) {
      req.url = toOriginForm(req.url);
      req.originalUrl = req.url;
    }
    if (!this.#hosts.has(req.headers.host, req.socket)) {
      throw new ServiceError('forbidden', 'Host not allowed; add it with --allowed-host.');
    }
    if (!isOriginAllowed(req, this.#origins)) {
      throw new ServiceError(
        'forbidden',
        'Pages of that Origin may not call this server; allow it with --allowed-origin.',
      );
    }
    if (req.headers.origin !== undefined) {
      setCorsHeaders(res, req.headers.origin);
    }
  }

  #identify(req: Request, res: Response): Caller | null {
    if (req.url.includes('access_token') && queryOf(req.url).has('access_token')) {
      throw new ServiceError(
        'invalid_request',
        'A token in the query is refused; send it in the Authorization header.',
      );
    }
    const ticketUse = findTicketUse(req);
    if (ticketUse) {
      req.url = withoutTicket(req.url);
      if (req.headers.authorization === undefined) {
        const ticket = this.#tickets.open(ticketUse.ticket, ticketUse.threadId);
        res.once('close', ticket.close);
        return { id: ticket.callerId, ticket, scopes: TICKET_SCOPES, ceiling: LOWEST_CEILING };
      }
    }
    if (req.headers.authorization === undefined) {
      return null;
    }
    const result = this.bearer.authenticate(req);
    if ('caller' in result) {
      return result.caller;
    }
    req.refusal = result;
    return null;
  }

  #refuse(req: Request, res: Response, error: unknown): void {
    if (!(error instanceof ServiceError && error.code === 'unauthorized')) {
      this.#problems.write(req, res, error);
      return;
    }
    this.limits.countStranger(res, req.socket.remoteAddress).then(
      () => {
        this.#problems.write(req, res, error);
      },
      (limited: unknown) => {
        this.#problems.write(req, res, limited);
      },
    );
  }
}

function toCheckedPath(url: string): string {
  const path = pathOf(url);
  if (path.includes('%')) {
    try {
      decodeURIComponent(path);
    } catch (cause) {
      throw new ServiceError('invalid_request', 'The path has a malformed percent-encoding.', { cause });
    }
  }
  return path;
}
