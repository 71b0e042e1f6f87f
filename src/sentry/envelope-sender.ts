import { once } from 'node:events';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ServiceError } from '../core/errors.js';
import { type SentryProject } from './parse-dsn.js';
import { type SentryAnswer } from './to-outcome.js';

const ATTEMPT_TIMEOUT_MS = 30_000;
/** Less is not worth the work. */
const MIN_GZIP_BYTES = 32 * 1024;

const toGzip = promisify(gzip);

export interface SenderOptions {
  project: SentryProject;
  version: string;
  /** `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` in it count, in small letters too. */
  env: Readonly<Record<string, string | undefined>>;
}

/** Posts envelopes to the endpoint of one project, each on a connection of its own. */
export class EnvelopeSender {
  readonly #options: SenderOptions;
  readonly #agent: HttpAgent;

  /** Throws `invalid_request` for a proxy that isn't one. */
  constructor(options: SenderOptions) {
    this.#options = options;
    const { endpoint } = options.project;
    const AgentOfScheme = endpoint.protocol === 'https:' ? HttpsAgent : HttpAgent;
    try {
      this.#agent = new AgentOfScheme({ keepAlive: false, proxyEnv: options.env });
    } catch {
      // The cause repeats the address, which may hold a password.
      throw new ServiceError(
        'invalid_request',
        'HTTP_PROXY or HTTPS_PROXY is not valid; it looks like http://HOST:PORT.',
      );
    }
  }

  /** Rejects when there is no answer in time, or before `stop`. */
  async send(envelope: Buffer, stop: AbortSignal): Promise<SentryAnswer> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]);
    signal.throwIfAborted();
    const isLarge = envelope.length > MIN_GZIP_BYTES;
    const body = isLarge ? await toGzip(envelope) : envelope;
    const { project, version } = this.#options;
    const send = project.endpoint.protocol === 'https:' ? requestHttps : requestHttp;
    const outgoing = send(project.endpoint, {
      method: 'POST',
      agent: this.#agent,
      signal,
      headers: {
        'Content-Type': 'application/x-sentry-envelope',
        'Content-Length': body.length,
        'X-Sentry-Auth': `Sentry sentry_version=7, sentry_client=codex-web-server/${version}, sentry_key=${project.publicKey}`,
        ...(isLarge && { 'Content-Encoding': 'gzip' }),
      },
    });
    // What is broken off says so here a second time.
    outgoing.on('error', () => undefined);
    const answered = once(outgoing, 'response', { signal }) as Promise<[IncomingMessage]>;
    outgoing.end(body);
    const [response] = await answered;
    // The body says nothing that counts; the signal ends one that does not end.
    response.on('error', () => undefined).resume();
    const { statusCode = 0, headers } = response;
    return { statusCode, retryAfter: headers['retry-after'], rateLimits: toText(headers['x-sentry-rate-limits']) };
  }
}

function toText(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}
