import { type AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { type Request, type Response } from 'express';
import { RequestTracer } from '../http/observe/request-tracer.js';
import { findRouteMatch } from '../http/routing/request-route.js';
import { type RouteMatch } from '../http/routing/route-table.js';
import { findTraceParent } from './trace-parent.js';

/** A span a request, as the semantic conventions for HTTP servers have it, but without the address: it may hold names. */
export class OtelRequestTracer extends RequestTracer {
  constructor(
    private readonly tracer: Tracer,
    private readonly active: AsyncLocalStorage<Context>,
  ) {
    super();
  }

  override run(req: Request, res: Response, next: () => void): void {
    const parent = toParentContext(req);
    const span = this.tracer.startSpan(req.method, { kind: SpanKind.SERVER }, parent);
    res.once('close', () => {
      end(span, req, res);
    });
    this.active.run(trace.setSpan(parent, span), next);
  }
}

function toParentContext({ headers }: Request): Context {
  const parent = findTraceParent(headers.traceparent);
  if (!parent) {
    return ROOT_CONTEXT;
  }
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

function end(span: Span, req: Request, res: Response): void {
  const match = findRouteMatch(req);
  const route = match?.route.pattern;
  if (route !== undefined) {
    span.updateName(`${req.method} ${route}`);
  }
  span.setAttributes({
    ...(match && toIds(match)),
    ...(route !== undefined && { 'http.route': route }),
    'http.request.method': req.method,
    'http.response.status_code': res.statusCode,
    'codex_web.request_id': req.requestId,
  });
  if (res.statusCode >= 500) {
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

/** Parameters of the path that are ids; others, such as the name of a skill, are left out. */
function toIds({ route, values }: RouteMatch): Attributes {
  const named = route.paramNames.map((name, index) => [`codex_web.${name}`, values[index] ?? ''] as const);
  return Object.fromEntries(named.filter(([name]) => name.endsWith('_id')));
}
