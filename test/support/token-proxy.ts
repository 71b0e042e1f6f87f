import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { TOKEN } from './server-process.js';

/** What a reverse proxy before the server does for clients that know of no token: it adds the header. */
export class TokenProxy {
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** On the wanted port of the loopback address, or on a free one where that is taken. */
  static async start(wantedPort: number, upstreamUrl: string): Promise<TokenProxy> {
    const upstream = new URL(upstreamUrl);
    const server = createServer((incoming, outgoing) => {
      const { method = 'GET', url = '/', headers } = incoming;
      const own = { ...headers, host: upstream.host, authorization: `Bearer ${TOKEN}` };
      const onward = request(upstream, { method, path: url, headers: own, agent: false }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
    server.listen(wantedPort, 'localhost');
    await once(server, 'listening').catch(async () => {
      server.listen(0, 'localhost');
      await once(server, 'listening');
    });
    return new TokenProxy(server, (server.address() as AddressInfo).port);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
