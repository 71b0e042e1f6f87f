import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Passes bytes on to a server, and breaks each connection off after a number of them. */
export class CuttingProxy {
  connections = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly listener: Server) {}

  static async start(targetUrl: string, limitBytes: number): Promise<CuttingProxy> {
    const { hostname, port, host } = new URL(targetUrl);
    const proxy: CuttingProxy = new CuttingProxy(
      createServer((client) => {
        proxy.connections += 1;
        const server = connect(Number(port), hostname);
        proxy.#keep(client, server);
        client.on('data', (data) => {
          server.write(Buffer.from(data.toString('latin1').replace(/^host: .*$/im, `Host: ${host}`), 'latin1'));
        });
        let left = limitBytes;
        server.on('data', (data: Buffer) => {
          client.write(data.subarray(0, left));
          left -= data.length;
          if (left <= 0) {
            client.destroySoon();
          }
        });
      }),
    );
    await new Promise<void>((resolve) => proxy.listener.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.listener.address() as AddressInfo).port)}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => this.listener.close(resolve));
  }

  #keep(client: Socket, server: Socket): void {
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroySoon();
      });
    }
  }
}
