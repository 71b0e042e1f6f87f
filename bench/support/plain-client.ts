import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/**
 * Requests over kept plain sockets, one at a time on each. Node's own clients take more of the machine than the raw
 * engine's client, which reads lines from a pipe, and would be measured with the server.
 */
export class PlainClient {
  readonly #idle: Socket[] = [];
  readonly #port: number;
  readonly #head: string;

  constructor(port: number, token: string) {
    this.#port = port;
    this.#head = `Host: 127.0.0.1:${String(port)}\r\nAuthorization: Bearer ${token}\r\n`;
  }

  /** Resolves with the body. Rejects for any status but 2xx. */
  async ask(method: string, path: string, body = ''): Promise<string> {
    const socket = this.#idle.pop() ?? (await open(this.#port));
    const content = `Content-Type: application/json\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n`;
    socket.write(`${method} ${path} HTTP/1.1\r\n${this.#head}${body === '' ? '' : content}\r\n${body}`);
    const answer = await readAnswer(socket);
    this.#idle.push(socket);
    if (!answer.startsWith('HTTP/1.1 2')) {
      throw new Error(`${method} ${path} answers: ${answer}`);
    }
    return answer.slice(answer.indexOf(HEAD_END) + HEAD_END.length);
  }

  close(): void {
    for (const socket of this.#idle.splice(0)) {
      socket.destroy();
    }
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
  await once(socket, 'connect');
  return socket;
}

/** Head and body, with each byte as a character until all of it is there. */
function readAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const read = (text: string): void => {
      answer += text;
      const end = answer.indexOf(HEAD_END);
      if (end === -1) {
        return;
      }
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(answer.slice(0, end))?.[1] ?? 0);
      if (answer.length >= end + HEAD_END.length + length) {
        socket.off('data', read).off('error', reject);
        resolve(Buffer.from(answer, 'latin1').toString());
      }
    };
    socket.on('data', read).once('error', reject);
  });
}
