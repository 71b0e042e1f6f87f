import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

/**
 * The open connections of a server, so that a shutdown need not wait for those that ask for nothing. Node's
 * `closeIdleConnections` spares a connection that never had a request, as browsers and HTTP clients open in advance,
 * and one whose last answer goes out later.
 */
export class Connections {
  /** How many requests each is busy with. */
  readonly #requests = new Map<Socket, number>();
  #isClosing = false;

  constructor(server: Server) {
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
