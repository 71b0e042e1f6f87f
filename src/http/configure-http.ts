import { type NestExpressApplication } from '@nestjs/platform-express';
import { RequestGate } from './gate/request-gate.js';
import { HTTP_OPTIONS, type HttpOptions } from './http-options.js';
import { parseQuery } from './limits/query-string.js';
import { limitServer } from './limits/server-limits.js';
import { serveDocs, type DocsOptions } from './openapi/serve-docs.js';
import { IndexedExpressAdapter } from './routing/indexed-express-adapter.js';

/**
 * Puts the gate before all routes, and sets what belongs to the server as a whole. To be called between creating the
 * application, with an `IndexedExpressAdapter` and `bodyParser: false`, and `listen` or `init`.
 */
export function configureHttp(app: NestExpressApplication, docs: DocsOptions): void {
  const adapter: unknown = app.getHttpAdapter();
  if (!(adapter instanceof IndexedExpressAdapter)) {
    throw new Error('The application must be created with an IndexedExpressAdapter');
  }
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', parseQuery);
  app.use(app.get(RequestGate).toMiddleware(adapter.routes));
  const { settings } = app.get<HttpOptions>(HTTP_OPTIONS);
  if (settings.hasDocs) {
    serveDocs(app, adapter.routes, docs);
  }
  limitServer(app.getHttpServer(), settings);
}
