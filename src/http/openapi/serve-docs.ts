import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { isDocsPath } from '../gate/open-paths.js';
import { findRouteMatch, pathOf } from '../routing/request-route.js';
import { type RouteTable } from '../routing/route-table.js';
import { createDocument, type DocsOptions } from './document.js';
import { REDOC_PAGE } from './redoc-page.js';
import { SWAGGER_INITIALIZER, SWAGGER_PAGE } from './swagger-page.js';

export { type DocsOptions } from './document.js';

const REDOC_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const NO_IMAGE = 'data:,';
const require = createRequire(import.meta.url);
const JAVASCRIPT = 'text/javascript; charset=utf-8';

/** `/openapi.json`, `/docs` (Swagger UI) and `/redoc`, all from this machine: no page loads anything from elsewhere. */
export function serveDocs(app: NestExpressApplication, routes: RouteTable, options: DocsOptions): void {
  let made: OpenAPIObject | undefined;
  const document = (): OpenAPIObject => (made ??= createDocument(app, routes, options));
  app.use(toPageMiddleware());
  serveRedoc(routes);
  serveSwagger(app, routes);
  SwaggerModule.setup('docs', app, document, { ui: false, raw: ['json'], jsonDocumentUrl: 'openapi.json' });
}

/** A page of our own around Swagger UI's files: Nest's has no viewport, and carries the document a second time. */
function serveSwagger(app: NestExpressApplication, routes: RouteTable): void {
  for (const path of ['/docs', '/docs/', '/docs/index.html']) {
    routes.add('GET', path, (_req, res) => {
      res.type('html').send(SWAGGER_PAGE);
    });
  }
  routes.add('GET', '/docs/swagger-initializer.js', (_req, res) => {
    res.setHeader('Content-Type', JAVASCRIPT);
    res.send(SWAGGER_INITIALIZER);
  });
  app.useStaticAssets(dirname(require.resolve('swagger-ui-dist/package.json')), { prefix: '/docs', index: false });
}

/** Swagger UI styles itself inline, and ReDoc draws with inline styles and searches in a worker. */
function toPageMiddleware(): (req: Request, res: Response, next: NextFunction) => void {
  const pageHeaders = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'", 'blob:'],
        childSrc: ['blob:'],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Whoever serves this over TLS decides that; over plain HTTP it has no meaning.
    strictTransportSecurity: false,
  });
  return (req, res, next) => {
    if (!isDocsPath(pathOf(req.url))) {
      next();
      return;
    }
    pageHeaders(req, res, () => {
      // Before the folder of assets, which has an index page of its own.
      const match = findRouteMatch(req);
      if (match) {
        match.route.handler(req, res, next);
      } else {
        next();
      }
    });
  };
}

function serveRedoc(routes: RouteTable): void {
  let bundle: string | undefined;
  routes.add('GET', '/redoc', (_req, res) => {
    res.type('html').send(REDOC_PAGE);
  });
  routes.add('GET', '/redoc/redoc.standalone.js', (_req, res) => {
    bundle ??= readRedoc(require.resolve('redoc/bundles/redoc.standalone.js'));
    res.setHeader('Content-Type', JAVASCRIPT);
    res.send(bundle);
  });
}

/** Without its maker's logo, which every page would fetch from elsewhere. */
function readRedoc(path: string): string {
  return readFileSync(path, 'utf8').replaceAll(REDOC_LOGO, NO_IMAGE);
}
