/** The baseline of the HTTP side: bare node:http, which serves the same bytes and does nothing else. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { answerCalls } from '../support/child.ts';

const MAX_BUFFERED_BYTES = 1024 * 1024;

const bodies = new Map<string, Buffer>();
const streams = new Set<ServerResponse>();

const server = createServer((req, res) => {
  const body = bodies.get(req.url ?? '');
  if (body) {
    res.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': body.length }).end(body);
    return;
  }
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  res.write('retry: 2000\n\n');
  streams.add(res);
  res.once('close', () => streams.delete(res));
});

interface Broadcast {
  /** One frame; the last one is `end`. */
  frame: string;
  end: string;
  count: number;
  perTick: number;
}

export type BareMethods = typeof methods;

const methods = {
  async listen(): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  },

  collectGarbage(): void {
    gc?.();
  },

  serve({ path, body }: { path: string; body: string }): void {
    bodies.set(path, Buffer.from(body));
  },

  /** Writes each event to each stream, from one buffer for all of them, so many events a turn of the loop. */
  async broadcast({ frame, end, count, perTick }: Broadcast): Promise<void> {
    for (let written = 0; written < count; written += perTick) {
      for (let index = 0; index < perTick; index += 1) {
        writeToAll(Buffer.from(frame));
      }
      await setImmediate();
      await drained();
    }
    writeToAll(Buffer.from(end));
  },
};

function writeToAll(bytes: Buffer): void {
  for (const stream of streams) {
    stream.write(bytes);
  }
}

async function drained(): Promise<void> {
  for (const stream of streams) {
    if (stream.writableLength > MAX_BUFFERED_BYTES) {
      await once(stream, 'drain');
    }
  }
}

answerCalls(methods);
