/** A process that sends requests over kept connections, the next one when the last is answered. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { answerCalls } from '../support/child.ts';
import { nowMs, percentile } from '../support/statistics.ts';

export interface Load {
  port: number;
  path: string;
  token: string;
  connections: number;
  durationMs: number;
}

export interface LoadResult {
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');

export type LoadMethods = typeof methods;

const methods = {
  async run({ port, path, token, connections, durationMs }: Load): Promise<LoadResult> {
    const head = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${String(port)}`, `Authorization: Bearer ${token}`];
    const request = Buffer.from(`${head.join('\r\n')}\r\n\r\n`);
    const latenciesMs: number[] = [];
    const beganMs = nowMs();
    const run = { request, latenciesMs, endsAtMs: beganMs + durationMs };
    await Promise.all(Array.from({ length: connections }, () => drive(port, run)));
    const seconds = (nowMs() - beganMs) / 1000;
    return {
      perSecond: latenciesMs.length / seconds,
      p50Ms: percentile(latenciesMs, 50),
      p95Ms: percentile(latenciesMs, 95),
      maxMs: percentile(latenciesMs, 100),
    };
  },
};

interface Run {
  request: Buffer;
  latenciesMs: number[];
  endsAtMs: number;
}

async function drive(port: number, { request, latenciesMs, endsAtMs }: Run): Promise<void> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  const ended = once(socket, 'close');
  const answers = new AnswerReader(socket);
  let sentAtMs = nowMs();
  socket.on('data', (chunk: Buffer) => {
    if (!answers.take(chunk)) {
      return;
    }
    const at = nowMs();
    latenciesMs.push(at - sentAtMs);
    if (at >= endsAtMs) {
      socket.destroy();
      return;
    }
    sentAtMs = at;
    socket.write(request);
  });
  socket.write(request);
  await ended;
}

/** Tells when an answer is whole. Answers to one request are of one length nearly always, so it is read off once. */
class AnswerReader {
  #length = 0;
  #kept: Buffer | undefined;

  constructor(socket: Socket) {
    socket.once('error', (error) => {
      throw error;
    });
  }

  take(chunk: Buffer): boolean {
    const answer = this.#kept ? Buffer.concat([this.#kept, chunk]) : chunk;
    if (answer.length !== this.#length) {
      this.#length = toLength(answer);
    }
    this.#kept = answer.length < this.#length ? answer : undefined;
    return this.#kept === undefined;
  }
}

function toLength(answer: Buffer): number {
  const end = answer.indexOf(HEAD_END);
  if (end === -1) {
    return Number.POSITIVE_INFINITY;
  }
  const head = answer.toString('latin1', 0, end);
  if (!head.startsWith('HTTP/1.1 200 ')) {
    throw new Error(head);
  }
  return end + HEAD_END.length + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
}

answerCalls(methods);
