import { Inject, Injectable } from '@nestjs/common';
import { type NextFunction, type Request, type Response } from 'express';
import { ServiceError } from '../../core/errors.js';
import { LOWEST_CEILING } from '../../core/permissions/ceiling.js';
import { type Scope } from '../../settings/scopes.js';
import { BearerAuthenticator } from '../auth/bearer.js';
import { requireScope } from '../auth/require-scope.js';
import { StreamTickets } from '../auth/stream-tickets.js';
import { findTicketUse, queryOf, withoutTicket } from '../auth/ticket-stream.js';
import { HTTP_OPTIONS, type HttpOptions } from '../http-options.js';
import { IdempotencyGate } from '../idempotency/idempotency-gate.js';
import { BufferBudget } from '../limits/buffer-budget.js';
import { hasBody, isOwnBody, readJsonBody } from '../limits/body.js';
import { RateLimits } from '../limits/rate-limits.js';
import { RequestObserver } from '../observe/request-observer.js';
import { type RequestTracer } from '../observe/request-tracer.js';
import { HostAllowlist } from '../origin/host-allowlist.js';
import { answerPreflight, isOriginAllowed, isPreflight, setCorsHeaders } from '../origin/origin-allowlist.js';
import { ProblemWriter } from '../problem/problem-writer.js';
import { toRequestId } from '../request-id/request-id.js';
import { type Caller } from '../request.js';
import { pathOf, setRouteMatch } from '../routing/request-route.js';
import { type Route, type RouteMatch, type RouteTable } from '../routing/route-table.js';
import { findHeadFault, toOriginForm } from './find-head-fault.js';
import { isDocsPath } from './open-paths.js';

/** A ticket opens a stream and nothing else. */
const TICKET_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['read']);
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * What every request passes before any route sees it and before its body is read: Host, Origin, bearer, rate limit, body.
 * One middleware instead of one for each check, since each costs Express a match and a call; a read with a valid token
 * passes without a promise.
 */
@Injectable()
export class RequestGate {
  readonly #hosts: HostAllowlist;
  readonly #origins: ReadonlySet<string>;
  readonly #maxBodyBytes: number;
  readonly #bodyTimeoutMs: number;
  readonly #tickets: StreamTickets;
  readonly #problems: ProblemWriter;
  readonly #tracer: RequestTracer | undefined;
  readonly #observer: RequestObserver;

  @Inject(BearerAuthenticator)
  private readonly bearer!: BearerAuthenticator;

  @Inject(RateLimits)
  private readonly limits!: RateLimits;

  @Inject(BufferBudget)
  private readonly budget!: BufferBudget;

  @Inject(IdempotencyGate)
  private readonly idempotency!: IdempotencyGate;

  constructor(
    @Inject(HTTP_OPTIONS) { settings, tracer }: HttpOptions,
    tickets: StreamTickets,
    problems: ProblemWriter,
    observer: RequestObserver,
  ) {
    this.#hosts = new HostAllowlist(settings);
    this.#origins = new Set(settings.allowedOrigins);
    this.#maxBodyBytes = settings.maxBodyBytes;
    this.#bodyTimeoutMs = settings.bodyTimeoutMs;
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
    req.caller = this.#identify(req, res, match?.route.isPublic === true || isDocsPath(path));
    if (match && req.caller) {
      requireScope(req.caller, match.route.scope, res);
    }
    if (READS.has(req.method)) {
      next();
    } else {
      this.#admitWrite(req, res, match).then(
        (isAdmitted) => {
          if (isAdmitted) {
            next();
          }
        },
        (error: unknown) => {
          this.#problems.write(req, res, error);
        },
      );
    }
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
      throw new ServiceError('forbidden', 'This server is not known by that Host; allow it with --allowed-host.');
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

  #identify(req: Request, res: Response, isOpen: boolean): Caller | null {
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
    if (isOpen) {
      return null;
    }
    const result = this.bearer.authenticate(req);
    if ('caller' in result) {
      return result.caller;
    }
    res.setHeader('WWW-Authenticate', result.challenge);
    throw result.error;
  }

  /** Whether the request goes on; else it has its answer. */
  async #admitWrite(req: Request, res: Response, match: RouteMatch | undefined): Promise<boolean> {
    if (req.caller) {
      await this.limits.countWrite(res, req.caller.id);
    } else {
      await this.limits.countStranger(res, req.socket.remoteAddress);
    }
    if (!hasBody(req)) {
      req.body = {};
    } else if (match && !isOwnBody(req, match.route.bodyTypes)) {
      req.body = await this.#readBody(req, res, match.route);
    }
    const afterCutShort = req.headers['idempotency-key'] === undefined ? undefined : match?.route.afterCutShort;
    return afterCutShort && req.caller
      ? this.idempotency.admit(req, res, { callerId: req.caller.id, isUnrepeatable: afterCutShort === 'refuse' })
      : true;
  }

  #readBody(req: Request, res: Response, { maxBodyBytes }: Route): Promise<Record<string, unknown>> {
    const maxBytes = Math.min(Math.max(this.#maxBodyBytes, maxBodyBytes), this.budget.largestBytes);
    const share = this.budget.open(req.caller?.id ?? '');
    // Express keeps the body for as long as the request is there.
    res.once('close', () => {
      share.close();
    });
    return readJsonBody(req, { maxBytes, timeoutMs: this.#bodyTimeoutMs, share });
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
