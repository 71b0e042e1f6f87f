import { Inject, Injectable } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { type Logger } from 'pino';
import { LOGGER } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { findRouteMatch, pathOf } from '../routing/request-route.js';

/**
 * Counts a request, and writes one line for it, when its answer is over. The query is left out of the line, as tickets and
 * search words stand there. Not pino-http: it makes a child logger and serialises both sides of each request, which costs
 * several times this line.
 */
@Injectable()
export class RequestObserver {
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #open = new Set<{ readonly req: Request; readonly res: Response }>();

  constructor(@Inject(LOGGER) logger: Logger, metrics: Metrics) {
    // A request's line has no field to hide, and looking for some would double its cost.
    this.#logger = logger.child({}, { redact: [] });
    this.#metrics = metrics;
  }

  /** The requests whose answers are not over. */
  get open(): Iterable<{ readonly req: Request; readonly res: Response }> {
    return this.#open;
  }

  begin(req: Request, res: Response): void {
    const startedAtMs = performance.now();
    const exchange = { req, res };
    this.#open.add(exchange);
    res.once('close', () => {
      this.#open.delete(exchange);
      const ms = performance.now() - startedAtMs;
      const route = findRouteMatch(req)?.route;
      this.#metrics.requests.count(route, req.method, res.statusCode, req.isStream === true ? undefined : ms / 1000);
      if (this.#logger.isLevelEnabled('info')) {
        this.#logger.info(
          {
            requestId: req.requestId,
            method: req.method,
            path: pathOf(req.originalUrl),
            route: route?.pattern,
            status: res.statusCode,
            ms: Math.round(ms * 100) / 100,
            ...(!res.writableFinished && { aborted: true }),
          },
          'request',
        );
      }
    });
  }
}
