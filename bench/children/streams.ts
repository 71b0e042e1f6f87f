/** A process that holds many event streams open and reads them as cheaply as it can. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { answerCalls } from '../support/child.ts';
import { nowMs } from '../support/statistics.ts';

const OPEN_AT_ONCE = 50;
const FRAME_END = Buffer.from('\n\n');

interface Opening {
  port: number;
  path: string;
  token: string;
  count: number;
  /** Stands in the last bytes that a stream begins with. */
  openMark: string;
}

interface Watch {
  /** Stands in the first frame that counts, and in the last. */
  startMark: string;
  endMark: string;
}

interface Watched {
  streams: number;
  /** From the first frame that counts to the last one, of one stream. */
  frames: number;
  /** From the first frame's arrival to the last one's at the last of the streams. */
  ms: number;
}

let sockets: Socket[] = [];
let watching: Promise<Watched> = Promise.reject(new Error('Nothing is watched.'));
watching.catch(() => undefined);

export type StreamsMethods = typeof methods;

const methods = {
  /** Opens more streams; the answer is how many are open now. */
  async open(opening: Opening): Promise<number> {
    for (let opened = 0; opened < opening.count; opened += OPEN_AT_ONCE) {
      const length = Math.min(OPEN_AT_ONCE, opening.count - opened);
      sockets.push(...(await Promise.all(Array.from({ length }, () => open(opening)))));
    }
    return sockets.length;
  },

  watch({ startMark, endMark }: Watch): void {
    const seen = { firstAtMs: 0, frames: 0 };
    watching = Promise.all(
      sockets.map(
        (socket, index) =>
          new Promise<void>((resolve) => {
            const until = new MarkFinder(endMark);
            const read = (chunk: Buffer): void => {
              if (index === 0) {
                count(chunk, startMark, seen);
              }
              if (until.isIn(chunk)) {
                socket.off('data', read);
                resolve();
              }
            };
            socket.on('data', read);
          }),
      ),
    ).then(() => ({ streams: sockets.length, frames: seen.frames, ms: nowMs() - seen.firstAtMs }));
  },

  watched(): Promise<Watched> {
    return watching;
  },

  /** Reads one stream from its request up to the mark. */
  async readUntil({ openMark, ...target }: Omit<Opening, 'count'>): Promise<{ frames: number; ms: number }> {
    const beganMs = nowMs();
    const socket = await request(target);
    const seen = { firstAtMs: beganMs, frames: 0 };
    const until = new MarkFinder(openMark);
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        count(chunk, '', seen);
        if (until.isIn(chunk)) {
          resolve();
        }
      });
    });
    const ms = nowMs() - beganMs;
    socket.destroy();
    return { frames: seen.frames, ms };
  },

  async close(): Promise<void> {
    await Promise.all(sockets.map((socket) => once(socket.destroy(), 'close')));
    sockets = [];
  },
};

/** Sends the request for a stream; nothing is read yet. */
async function request({ port, path, token }: Omit<Opening, 'count' | 'openMark'>): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const host = `127.0.0.1:${String(port)}`;
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  return socket;
}

async function open({ openMark, ...target }: Opening): Promise<Socket> {
  const socket = await request(target);
  const opened = new MarkFinder(openMark);
  await new Promise<void>((resolve) => {
    const read = (chunk: Buffer): void => {
      if (opened.isIn(chunk)) {
        socket.off('data', read);
        resolve();
      }
    };
    socket.on('data', read);
  });
  return socket.resume();
}

function count(chunk: Buffer, startMark: string, seen: { firstAtMs: number; frames: number }): void {
  let from = 0;
  if (seen.firstAtMs === 0) {
    from = chunk.indexOf(startMark);
    if (from === -1) {
      return;
    }
    seen.firstAtMs = nowMs();
  }
  for (let end = chunk.indexOf(FRAME_END, from); end !== -1; end = chunk.indexOf(FRAME_END, end + FRAME_END.length)) {
    seen.frames += 1;
  }
}

/** Finds a mark in a stream, also where it is cut in two. */
class MarkFinder {
  readonly #mark: Buffer;
  #tail = Buffer.alloc(0);

  constructor(mark: string) {
    this.#mark = Buffer.from(mark);
  }

  isIn(chunk: Buffer): boolean {
    const seam = Buffer.concat([this.#tail, chunk.subarray(0, this.#mark.length)]);
    this.#tail = Buffer.from(chunk.subarray(-this.#mark.length));
    return seam.includes(this.#mark) || chunk.includes(this.#mark);
  }
}

answerCalls(methods);
