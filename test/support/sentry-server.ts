import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface SentryReply {
  status: number;
  headers?: Record<string, string>;
}

/** An envelope that came in: https://develop.sentry.dev/sdk/data-model/envelopes/ */
export interface ReceivedEnvelope {
  path: string;
  /** `X-Sentry-Auth`. */
  auth: unknown;
  encoding: unknown;
  header: Record<string, unknown>;
  items: { header: Record<string, unknown>; payload: string }[];
}

/** Speaks Sentry's envelope endpoint. Answers with 200, or as the next reply says; `hang` never answers. */
export class SentryServer {
  readonly received: ReceivedEnvelope[] = [];
  readonly replies: (SentryReply | 'hang')[] = [];
  #waiters: (() => void)[] = [];

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {
    server.on('request', (req: IncomingMessage, res: ServerResponse) => void this.#take(req, res));
  }

  static async start(port = 0): Promise<SentryServer> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new SentryServer(server, (server.address() as AddressInfo).port);
  }

  get dsn(): string {
    return toDsn(this.port);
  }

  /** Resolves with the envelope of this number, from 1, once it has come in. */
  async envelope(number: number): Promise<ReceivedEnvelope> {
    let found = this.received[number - 1];
    while (!found) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
      found = this.received[number - 1];
    }
    return found;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async #take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) {
      chunks.push(chunk as Buffer);
    }
    const bytes = Buffer.concat(chunks);
    const encoding = req.headers['content-encoding'];
    const parsed = parse(req.url ?? '', encoding === 'gzip' ? gunzipSync(bytes) : bytes);
    this.received.push({ ...parsed, encoding, auth: req.headers['x-sentry-auth'] });
    const reply = this.replies.shift() ?? { status: 200 };
    if (reply !== 'hang') {
      res.writeHead(reply.status, reply.headers).end('{}');
    }
    for (const wake of this.#waiters.splice(0)) {
      wake();
    }
  }
}

export const toDsn = (port: number): string => `http://key@127.0.0.1:${String(port)}/42`;

/** A port that nobody listens on. */
export async function findFreePort(): Promise<number> {
  const server = await SentryServer.start();
  await server.stop();
  return server.port;
}

function parse(path: string, bytes: Buffer): Omit<ReceivedEnvelope, 'auth' | 'encoding'> {
  let rest = bytes;
  const line = (): string => {
    const end = rest.indexOf(10);
    const text = rest.subarray(0, end === -1 ? rest.length : end).toString();
    rest = end === -1 ? Buffer.alloc(0) : rest.subarray(end + 1);
    return text;
  };
  const header = JSON.parse(line()) as Record<string, unknown>;
  const items: ReceivedEnvelope['items'] = [];
  while (rest.length > 0) {
    const itemHeader = JSON.parse(line()) as Record<string, unknown>;
    const { length } = itemHeader;
    const payload = typeof length === 'number' ? rest.subarray(0, length).toString() : line();
    if (typeof length === 'number') {
      rest = rest.subarray(length + 1);
    }
    items.push({ header: itemHeader, payload });
  }
  return { path, header, items };
}
