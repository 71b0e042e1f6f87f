import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Json } from './start-app.js';

/** A request as a provider of models gets it. */
export interface UpstreamRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: Json;
  /** Resolves when the connection is gone, with whether the answer was complete by then. */
  closed: Promise<boolean>;
}

/** How a provider answers one request. */
export type UpstreamAnswer = (response: ServerResponse, request: UpstreamRequest) => void | Promise<void>;

/** A provider of models in the test's own process: answers in the order given, and keeps what it was asked. */
export class FakeUpstream {
  readonly requests: UpstreamRequest[] = [];
  readonly #answers: UpstreamAnswer[] = [];
  readonly #arrivals = new Set<() => void>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(): Promise<FakeUpstream> {
    const upstream = new FakeUpstream();
    upstream.#server.listen(0, '127.0.0.1');
    await once(upstream.#server, 'listening');
    return upstream;
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  get last(): UpstreamRequest {
    return this.requests.at(-1)!;
  }

  enqueue(...answers: UpstreamAnswer[]): void {
    this.#answers.push(...answers);
  }

  /** Resolves when as many requests have come in since the last `reset`. */
  requestCount(count: number): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.requests.length >= count) {
          this.#arrivals.delete(check);
          resolve();
        }
      };
      this.#arrivals.add(check);
      check();
    });
  }

  reset(): void {
    this.requests.length = 0;
    this.#answers.length = 0;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
      chunks.push(chunk as Buffer);
    }
    const closed = once(response, 'close').then(() => response.writableFinished);
    const text = Buffer.concat(chunks).toString();
    const body = (text === '' ? {} : JSON.parse(text)) as Json;
    const request = { path: incoming.url ?? '', headers: incoming.headers, body, closed };
    this.requests.push(request);
    const answer = this.#answers.shift() ?? refuse(404, { error: { message: 'no answer is prepared' } });
    for (const check of [...this.#arrivals]) {
      check();
    }
    await answer(response, request);
  }
}

export const refuse =
  (status: number, body: Json | string, headers: Record<string, string> = {}): UpstreamAnswer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

/** Streams frames to their end. */
export const stream =
  (...frames: string[]): UpstreamAnswer =>
  (response) => {
    open(response);
    frames.forEach((frame) => response.write(frame));
    response.end();
  };

/** Streams frames and then says no more. */
export const stall =
  (...frames: string[]): UpstreamAnswer =>
  (response) => {
    open(response);
    frames.forEach((frame) => response.write(frame));
  };

/** Streams frames and breaks the connection. */
export const cut =
  (...frames: string[]): UpstreamAnswer =>
  async (response) => {
    open(response);
    await new Promise((resolve) => response.write(frames.join(''), resolve));
    response.destroy();
  };

function open(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
}
