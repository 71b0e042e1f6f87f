/** A process of clients that nobody wants: readers that never read, and senders that never come to an end. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { answerCalls } from '../support/child.ts';

interface Target {
  port: number;
  path: string;
  token: string;
  count: number;
}

const DRIP_EVERY_MS = 1_000;

let sockets: Socket[] = [];
const dripping = new Set<Socket>();

export type BadClientsMethods = typeof methods;

const methods = {
  /** Asks for a stream and takes nothing of it. */
  async openUnread(target: Target): Promise<void> {
    for (let opened = 0; opened < target.count; opened += 1) {
      const socket = await open(target.port);
      socket.pause().write(`${toHead(target, 'GET')}\r\n`);
      sockets.push(socket);
    }
  },

  /** Sends headers, or after them a body, a character a second; comes back whenever it is thrown out. */
  async drip(target: Target & { what: 'headers' | 'body' }): Promise<void> {
    await Promise.all(Array.from({ length: target.count }, () => dripOn(target)));
  },

  close(): void {
    const all = [...sockets, ...dripping];
    sockets = [];
    dripping.clear();
    for (const socket of all) {
      socket.destroy();
    }
  },
};

setInterval(() => {
  for (const socket of dripping) {
    socket.write('x');
  }
}, DRIP_EVERY_MS).unref();

async function dripOn(target: Target & { what: 'headers' | 'body' }): Promise<void> {
  const socket = await open(target.port);
  const body = 'Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"name":"';
  socket.write(target.what === 'headers' ? toHead(target, 'GET') : `${toHead(target, 'POST')}${body}`);
  dripping.add(socket);
  socket.resume().once('close', () => {
    if (dripping.delete(socket)) {
      void dripOn(target);
    }
  });
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  // Being thrown out is what is to be measured.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function toHead({ port, path, token }: Target, method: string): string {
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${String(port)}\r\nAuthorization: Bearer ${token}\r\n`;
}

answerCalls(methods);
