import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { TOKEN } from './server-process.js';

/** A connection on which bytes are sent as a client of the worst kind would send them. */
export class RawSocket {
  /** All that was received, once the connection is closed from either side. */
  readonly closed: Promise<string>;
  #text = '';
  #wake: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(private readonly socket: Socket) {
    // What the server does not take any more is what is being tried.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        clearInterval(this.#timer);
        resolve(this.#text);
      });
    });
  }

  static async open(url: string): Promise<RawSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const raw = new RawSocket(socket);
    socket.setEncoding('utf8').on('data', (text: string) => {
      raw.#text += text;
      raw.#wake();
    });
    await once(socket, 'connect');
    return raw;
  }

  /** Takes nothing off the socket from now on. */
  pause(): this {
    this.socket.pause();
    return this;
  }

  resume(): this {
    this.socket.resume();
    return this;
  }

  /** Resolves with all that was received once it holds this; rejects when the connection is closed before. */
  until(part: string): Promise<string> {
    return this.#when((text) => text.includes(part), JSON.stringify(part));
  }

  /** Resolves with all that was received once it has so many bytes. */
  whenLong(bytes: number): Promise<string> {
    return this.#when((text) => Buffer.byteLength(text) >= bytes, `${String(bytes)} bytes`);
  }

  async #when(isThere: (text: string) => boolean, what: string): Promise<string> {
    while (!isThere(this.#text)) {
      if (this.socket.closed) {
        throw new Error(`The connection was closed without ${what}: ${this.#text}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.socket.once('close', resolve);
      });
    }
    return this.#text;
  }

  send(text: string): this {
    this.socket.write(text);
    return this;
  }

  /** Sends one character every so often, for as long as the connection lives. */
  drip(text: string, everyMs: number): this {
    let index = 0;
    this.#timer = setInterval(() => {
      this.socket.write(text.charAt(index % text.length));
      index += 1;
    }, everyMs);
    return this;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** The head of a request with a token, the main one unless told; without the empty line that would end it. */
export function toHead(url: string, request: string, headers: readonly string[] = [], token = TOKEN): string {
  const own = [`Host: ${new URL(url).host}`, `Authorization: Bearer ${token}`];
  return [`${request} HTTP/1.1`, ...own, ...headers, ''].join('\r\n');
}
