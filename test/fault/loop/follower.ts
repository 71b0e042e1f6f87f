import { get, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Ledger } from './ledger.ts';
import { TOKEN, type World } from './world.ts';

export interface Frame {
  /** Absent on frames that are no events. */
  id: number | undefined;
  event: string;
  /** The data line itself, for comparing bytes. */
  text: string;
}

export interface FollowerOptions {
  /** `/api/v2/threads/…/events` or `/api/v2/events`. */
  path: string;
  onEvent?: (frame: Frame) => void;
  /** Breaks the connection itself after so many events, to come back at once. */
  dropsAfter?: () => number;
}

const RECONNECT_DELAY_MS = 10;

/**
 * Follows a stream from its first event on, and comes back with `Last-Event-ID` whenever it breaks. Checks on the way
 * that each event is the next one: no hole, and none twice.
 */
export class Follower {
  /** The events by their ids, as they were first seen. */
  readonly seen = new Map<number, string>();
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #options: FollowerOptions;
  #last = 0;
  #isStopped = false;
  #response: IncomingMessage | undefined;
  readonly #ended: Promise<void>;

  constructor(world: World, ledger: Ledger, options: FollowerOptions) {
    this.#world = world;
    this.#ledger = ledger;
    this.#options = options;
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#response?.destroy();
    await this.#ended;
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#followOnce();
      if (this.#isStopped) {
        return;
      }
      this.#ledger.reconnects += 1;
      await wait(RECONNECT_DELAY_MS);
    }
  }

  async #followOnce(): Promise<void> {
    let left = this.#options.dropsAfter?.() ?? Infinity;
    await readStream(
      await this.#world.url(),
      { path: this.#options.path, after: this.#last },
      {
        opened: (response) => {
          this.#response = response;
          if (response.statusCode !== 200) {
            this.#ledger.violate(`${this.#options.path} answers ${String(response.statusCode)}`);
          }
        },
        frame: (frame) => {
          this.#take(frame);
          left -= frame.id === undefined ? 0 : 1;
          if (left <= 0 || this.#isStopped) {
            this.#response?.destroy();
          }
        },
      },
    );
  }

  #take(frame: Frame): void {
    const { id, event, text } = frame;
    if (event === 'stream/gap') {
      this.#ledger.violate(`${this.#options.path} has a gap after ${String(this.#last)}: ${text}`);
    }
    if (id === undefined || this.#response?.destroyed === true) {
      return;
    }
    if (id !== this.#last + 1) {
      this.#ledger.violate(`${this.#options.path} goes from ${String(this.#last)} to ${String(id)}`);
    }
    this.#last = id;
    this.seen.set(id, toBytes(frame));
    this.#options.onEvent?.(frame);
  }
}

export const toBytes = ({ event, text }: Frame): string => `${event} ${text}`;

interface StreamHandlers {
  opened?: (response: IncomingMessage) => void;
  frame: (frame: Frame) => void;
}

/** Resolves when the connection is over, or was refused. */
export async function readStream(
  url: string,
  { path, after }: { path: string; after: number },
  handlers: StreamHandlers,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const done = (): void => {
    resolve(undefined);
  };
  const headers = { authorization: `Bearer ${TOKEN}`, 'last-event-id': String(after) };
  get(url + path, { headers, agent: false }, (response) => {
    handlers.opened?.(response);
    let rest = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      blocks.map(parseFrame).forEach((frame) => {
        if (frame) {
          handlers.frame(frame);
        }
      });
    });
    response.once('close', done).on('error', done);
  }).on('error', done);
  await promise;
}

function parseFrame(block: string): Frame | undefined {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  const [id, event, text] = ['id', 'event', 'data'].map((name) => fields.get(name));
  return text === undefined ? undefined : { id: id === undefined ? undefined : Number(id), event: event ?? '', text };
}

/** All events of a stream, as it gives them to somebody who comes now. */
export async function readAll(world: World, path: string): Promise<Frame[]> {
  const frames: Frame[] = [];
  let response: IncomingMessage | undefined;
  await readStream(
    await world.url(),
    { path, after: 0 },
    {
      opened: (opened) => {
        response = opened;
      },
      frame: (frame) => {
        if (frame.id !== undefined) {
          frames.push(frame);
        } else if (frame.event === 'stream/live') {
          response?.destroy();
        }
      },
    },
  );
  return frames;
}
