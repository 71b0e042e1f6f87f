import { type Request, type Response } from 'express';
import { type Logger } from 'pino';
import { pathOf, findRouteMatch } from '../routing/request-route.js';

/**
 * One line a request, when its answer is over. The query is left out, as tickets and search words stand there. Not
 * pino-http: it makes a child logger and serialises both sides of each request, which costs several times this line.
 */
export function logRequest(logger: Logger, req: Request, res: Response): void {
  if (!logger.isLevelEnabled('info')) {
    return;
  }
  const startedAtMs = performance.now();
  res.once('close', () => {
    logger.info(
      {
        requestId: req.requestId,
        method: req.method,
        path: pathOf(req.originalUrl),
        route: findRouteMatch(req)?.route.pattern,
        status: res.statusCode,
        ms: Math.round((performance.now() - startedAtMs) * 100) / 100,
        ...(!res.writableFinished && { aborted: true }),
      },
      'request',
    );
  });
}
