import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

/**
 * The open connections of a server, so that a shutdown need not wait for those that ask for nothing. Node's
 * `closeIdleConnections` spares a connection that never had a request, as browsers and HTTP clients open in advance,
 * and one whose last answer goes out later. And the end of those whose client takes nothing of its answer for
 * `stallTimeoutMs`, be it a stream or one large body: without it they would keep that in memory for ever.
 */
export class Connections {
  /** How many requests each is busy with. */
  readonly #requests = new Map<Socket, number>();
  #isClosing = false;
  #stalledCount = 0;
  #refusedCount = 0;

  constructor(server: Server, { stallTimeoutMs }: { stallTimeoutMs: number }) {
    server.timeout = stallTimeoutMs;
    // Whoever listens for this has to close idle connections too. A request that is being worked on may take any time.
    server.on('timeout', (socket: Socket) => {
      const isStalled = socket.writableLength > 0;
      this.#stalledCount += isStalled ? 1 : 0;
      if (isStalled || this.#requests.get(socket) === 0) {
        socket.destroy();
      }
    });
    server.on('drop', () => {
      this.#refusedCount += 1;
    });
    server.on('connection', (socket: Socket) => {
      this.#requests.set(socket, 0);
      socket.once('close', () => this.#requests.delete(socket));
      this.#endIfUnused(socket);
    });
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#count(socket, 1);
      response.once('close', () => {
        this.#count(socket, -1);
        this.#endIfUnused(socket);
      });
    });
  }

  get openCount(): number {
    return this.#requests.size;
  }

  /** So many were closed because their client took nothing of an answer. */
  get stalledCount(): number {
    return this.#stalledCount;
  }

  /** So many were closed at once because there were too many. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** Ends every connection that waits for no answer, now and from now on. */
  closeUnused(): void {
    this.#isClosing = true;
    for (const socket of this.#requests.keys()) {
      this.#endIfUnused(socket);
    }
  }

  #count(socket: Socket, change: number): void {
    const count = this.#requests.get(socket);
    if (count !== undefined) {
      this.#requests.set(socket, count + change);
    }
  }

  #endIfUnused(socket: Socket): void {
    if (this.#isClosing && this.#requests.get(socket) === 0) {
      socket.destroySoon();
    }
  }
}
