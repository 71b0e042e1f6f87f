import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';

type Fetch = typeof globalThis.fetch;

/** Statuses that a `Response` can't be made of. */
const BODILESS = new Set([204, 205, 304]);

/**
 * A `fetch` for the provider packages without the limits of Node's own, which gives up after five minutes without a
 * byte, as a local model may take for a long prompt. Whoever reads the body slowly slows the provider down, and
 * whoever aborts closes the connection. Redirects are not followed, as they would carry the credentials elsewhere.
 */
export class UpstreamFetch {
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;

  /** @param env for `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` */
  constructor(env: Readonly<Record<string, string | undefined>>) {
    const options = { keepAlive: true, noDelay: true, proxyEnv: { ...env } };
    this.#http = new HttpAgent(options);
    this.#https = new HttpsAgent(options);
  }

  /** @param search what to add to the address, as it stands in a URL, without the question mark */
  for(search: string): Fetch {
    return (input, init) => this.#fetch(withSearch(input, search), init ?? {});
  }

  /** Closes the connections that are kept for later. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #fetch(url: URL, { method = 'GET', headers, body, signal }: RequestInit): Promise<Response> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      // Compressed answers come in lumps, which is no way to stream.
      const options = { method, headers: { ...toFields(headers), 'accept-encoding': 'identity' } };
      const request =
        url.protocol === 'https:'
          ? httpsRequest(url, { ...options, agent: this.#https })
          : httpRequest(url, { ...options, agent: this.#http });
      abortWith(request, signal);
      request.once('error', (error) => {
        reject(signal?.aborted === true ? (signal.reason as Error) : error);
      });
      request.once('response', (response) => {
        resolve(toResponse(response));
      });
      request.end(typeof body === 'string' ? body : undefined);
    });
  }
}

/** The packages give plain objects, as a rule. */
const toFields = (headers: RequestInit['headers']): Record<string, string> =>
  headers === undefined || headers instanceof Headers || Array.isArray(headers)
    ? Object.fromEntries(new Headers(headers))
    : { ...(headers as Record<string, string>) };

function withSearch(input: Parameters<Fetch>[0], search: string): URL {
  const url = new URL(input instanceof Request ? input.url : input);
  if (search === '') {
    return url;
  }
  for (const [name, value] of new URLSearchParams(search)) {
    url.searchParams.set(name, value);
  }
  return url;
}

function abortWith(request: ClientRequest, signal: AbortSignal | null | undefined): void {
  const abort = (): void => {
    request.destroy(signal?.reason as Error);
  };
  signal?.addEventListener('abort', abort, { once: true });
  request.once('close', () => {
    signal?.removeEventListener('abort', abort);
  });
}

function toResponse(response: IncomingMessage): Response {
  const { statusCode: status = 502, statusMessage: statusText = '' } = response;
  const headers = new Headers(
    Object.entries(response.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
  const body = BODILESS.has(status) ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>);
  return new Response(body, { status, statusText, headers });
}
