import { defaultStackParser, NodeClient } from '@sentry/node';
import { ServiceError } from '../core/errors.js';

type ClientOptions = ConstructorParameters<typeof NodeClient>[0];

const DSN = /^https?:\/\/[^\s:@/]+(?::[^\s@/]*)?@[^\s@/]+(?:\/[^\s]+)*\/\d+\/?$/;

/**
 * A client that is nobody's current one: no integration, no tracing, no module hooks, no client reports, and nothing of
 * this process or its host in what it sends. Throws `invalid_request` for a DSN that isn't one.
 */
export function openClient(dsn: string, version: string, transport: ClientOptions['transport']): NodeClient {
  if (!DSN.test(dsn)) {
    throw new ServiceError('invalid_request', 'SENTRY_DSN is not valid; it looks like https://KEY@HOST/PROJECT.');
  }
  return new NodeClient({
    dsn,
    transport,
    release: `codex-web-server@${version}`,
    integrations: [],
    stackParser: defaultStackParser,
    traceLifecycle: 'static',
    enableRuntimeChannelInjection: false,
    enableOpenTelemetrySetup: false,
    sendClientReports: false,
    includeServerName: false,
    maxBreadcrumbs: 0,
    dataCollection: {
      userInfo: false,
      cookies: false,
      httpHeaders: false,
      httpBodies: [],
      urlQueryParams: false,
      graphQL: { document: false, variables: false },
      genAI: { inputs: false, outputs: false },
      mcp: { inputs: false, outputs: false },
      databaseQueryData: false,
      queues: false,
      stackFrameVariables: false,
    },
  });
}
