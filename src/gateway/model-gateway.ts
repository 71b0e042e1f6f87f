import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type ModelProvider } from '../core/engine/model-provider.js';
import { type Log } from '../core/log.js';
import { GatewaySecret } from './gateway-secret.js';
import { readBody } from './read-body.js';
import { toText } from './request/fields.js';
import { relay } from './relay.js';
import { EventWriter } from './response/event-writer.js';
import { loadOpener, OpenModels, toKeyHeaders } from './upstream/open-model.js';
import { UpstreamFetch } from './upstream/upstream-fetch.js';

/** The header that holds the secret, so that `Authorization` stays the provider's own. */
export const SECRET_HEADER = 'x-codex-web-gateway';

export interface GatewayOptions {
  /** Whom a request may be for, as the configuration is at that moment. */
  findProvider: (id: string) => ModelProvider | undefined;
  /** Those at the start, whose packages are loaded before the first request. */
  providers: readonly ModelProvider[];
  /** For the proxies that the environment names. */
  env: Readonly<Record<string, string | undefined>>;
  log: Log;
}

/**
 * Lets the engine, which speaks the Responses wire only, use providers that speak another: an HTTP server on a port of
 * its own, on loopback only, for whoever knows the secret of this process. It keeps no state and no content.
 */
export class ModelGateway {
  readonly secret = new GatewaySecret();
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => {
      this.#failed(response, error);
    });
  });
  readonly #upstream: UpstreamFetch;
  readonly #models = new OpenModels();
  readonly #closing = new AbortController();
  readonly #warned = new Set<string>();

  private constructor(private readonly options: GatewayOptions) {
    this.#upstream = new UpstreamFetch(options.env);
  }

  static async start(options: GatewayOptions): Promise<ModelGateway> {
    const gateway = new ModelGateway(options);
    await Promise.all(options.providers.map(({ wire }) => loadOpener(wire)));
    gateway.#server.listen(0, '127.0.0.1');
    await once(gateway.#server, 'listening');
    return gateway;
  }

  /** What the engine is to have as the base URL of a provider. */
  urlOf(providerId: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${String(port)}/${encodeURIComponent(providerId)}/v1`;
  }

  /** Breaks what is under way, and frees the port. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The gateway is closing.'));
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    this.#upstream.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.secret.equals(request.headers[SECRET_HEADER])) {
      refuse(response, 401, 'This address is for the engine of this process only.');
      return;
    }
    const url = new URL(request.url ?? '/', 'http://gateway');
    const [, id, path] = /^\/([^/]+)\/v1\/(.*)$/.exec(url.pathname) ?? [];
    const provider = id === undefined ? undefined : this.options.findProvider(decodeURIComponent(id));
    if (provider === undefined || path !== 'responses' || request.method !== 'POST') {
      refuse(response, 404, 'The gateway has only POST /PROVIDER/v1/responses.');
      return;
    }
    await this.#relay(provider, url.search, { request, response });
  }

  async #relay(
    provider: ModelProvider,
    search: string,
    { request, response }: { request: IncomingMessage; response: ServerResponse },
  ): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort(new Error('The engine has closed the request.'));
    });
    const signal = AbortSignal.any([gone.signal, this.#closing.signal]);
    const body = await readBody(request);
    const events = new EventWriter(response, signal);
    const toFetch = (query: string): typeof fetch => this.#upstream.for(query);
    const model = await this.#models.open(provider, toText(body.model), search, toFetch);
    const headers = {
      ...toKeyHeaders(provider.wire, findBearerToken(request)),
      ...pickHeaders(request, provider.headerNames),
    };
    const warn = (message: string): void => {
      this.#warn(provider, message);
    };
    try {
      await relay({ provider, body, model, headers, events, signal }, warn);
    } catch (error) {
      // Nobody is left to tell when the engine has gone away; that is how it cancels.
      if (!signal.aborted) {
        throw error;
      }
      response.destroy();
    }
  }

  #warn({ id, name }: ModelProvider, message: string): void {
    const key = `${id}\n${message}`;
    if (!this.#warned.has(key)) {
      this.#warned.add(key);
      this.options.log.write('warn', `Model gateway, ${name}: ${message}`, { provider: id });
    }
  }

  #failed(response: ServerResponse, error: unknown): void {
    this.options.log.write('error', 'The model gateway failed.', { err: error });
    if (response.headersSent) {
      response.destroy();
    } else {
      refuse(response, 500, 'The model gateway failed.');
    }
  }
}

function findBearerToken({ headers }: IncomingMessage): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

function pickHeaders({ headers }: IncomingMessage, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const value = headers[name];
      return value === undefined ? [] : [[name, String(value)]];
    }),
  );
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message } }));
}
