import { ServiceError } from '../core/errors.js';

const DSN = /^(https?):\/\/([^\s:@/]+)(?::[^\s@/]*)?@([^\s@/]+)((?:\/[^\s/]+)*)\/(\d+)\/?$/;

/** Where a project takes envelopes, and the key that it knows its senders by. */
export interface SentryProject {
  endpoint: URL;
  publicKey: string;
}

/**
 * `https://KEY@HOST/PROJECT`, with a port and a path before the project where Sentry has them
 * (https://develop.sentry.dev/sdk/foundations/transport/authentication/). The secret of old DSNs is left out. Throws
 * `invalid_request`, which does not repeat it.
 */
export function parseDsn(dsn: string): SentryProject {
  const [, scheme, publicKey, host, path = '', project] = DSN.exec(dsn) ?? [];
  const address = `${String(scheme)}://${String(host)}${path}/api/${String(project)}/envelope/`;
  if (publicKey === undefined || !URL.canParse(address)) {
    throw new ServiceError('invalid_request', 'SENTRY_DSN is not valid; it looks like https://KEY@HOST/PROJECT.');
  }
  return { endpoint: new URL(address), publicKey };
}
