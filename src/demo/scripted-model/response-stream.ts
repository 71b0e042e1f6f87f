import { once } from 'node:events';
import { type ServerResponse } from 'node:http';

/** Server-sent events of one response on the Responses wire. Headers go out with the first event, not before. */
export class ResponseStream {
  readonly #response: ServerResponse;
  readonly #signal: AbortSignal;

  /** @param signal aborts when the connection is gone or the model closes */
  constructor(response: ServerResponse, signal: AbortSignal) {
    this.#response = response;
    this.#signal = signal;
  }

  get isOpen(): boolean {
    return this.#response.headersSent;
  }

  /** Sends one event; its `type` is the event's name too, as on the real wire. */
  async send(type: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    await this.write(toFrame(type, fields));
  }

  /** Sends frames that are ready, and waits while the reader lags behind. */
  async write(frames: string): Promise<void> {
    this.#signal.throwIfAborted();
    if (!this.isOpen) {
      this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    }
    if (!this.#response.write(frames)) {
      await once(this.#response, 'drain', { signal: this.#signal });
    }
  }

  end(): void {
    this.#response.end();
  }

  /** Answers with an HTTP error in place of a stream; only before the first event. */
  refuse(status: number, error: Readonly<Record<string, unknown>>): void {
    this.#response.writeHead(status, { 'content-type': 'application/json' });
    this.#response.end(JSON.stringify({ error }));
  }

  /** Breaks the connection; what was written before has been handed to the system first. */
  async cut(): Promise<void> {
    this.#response.flushHeaders();
    await new Promise((resolve) => this.#response.write(': cut\n\n', resolve));
    this.#response.destroy();
  }
}

/** One server-sent event. */
export function toFrame(type: string, fields: Readonly<Record<string, unknown>>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
