import { request, type IncomingMessage } from 'node:http';
import { recordEvent } from './recording.js';

export interface SseFrame {
  id: string | undefined;
  event: string | undefined;
  /** The data line itself, for comparing bytes. */
  text: string;
  data: Record<string, unknown>;
}

export interface SseOptions {
  headers?: Record<string, string>;
  /** Sent as JSON under POST; without it the stream is got. */
  body?: object;
}

/** Reads an event stream as a client would. Waits are on frames, never on time. */
export class SseReader {
  readonly frames: SseFrame[] = [];
  readonly ended: Promise<void>;
  #buffer = '';
  #waiters: (() => void)[] = [];
  #isEnded = false;

  private constructor(
    private readonly response: IncomingMessage,
    readonly rawHead: string,
  ) {
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      this.#take(text);
    });
    this.ended = new Promise((resolve) => {
      response.once('close', () => {
        this.#isEnded = true;
        this.#wake();
        resolve();
      });
    });
    response.on('error', () => undefined);
  }

  static async open(url: string, options: SseOptions = {}): Promise<SseReader> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const { body } = options;
      const type = body && { 'content-type': 'application/json' };
      const headers = { accept: 'text/event-stream', ...type, ...options.headers };
      const method = body ? 'POST' : 'GET';
      request(url, { method, headers, agent: false }, resolve)
        .on('error', reject)
        .end(body && JSON.stringify(body));
    });
    if (response.statusCode !== 200) {
      const chunks: Buffer[] = [];
      for await (const chunk of response) {
        chunks.push(chunk as Buffer);
      }
      throw new Error(`${String(response.statusCode)}: ${Buffer.concat(chunks).toString()}`);
    }
    return new SseReader(response, '');
  }

  get statusCode(): number | undefined {
    return this.response.statusCode;
  }

  /** Frames that have an id, which are the events proper. */
  get events(): SseFrame[] {
    return this.frames.filter(({ id }) => id !== undefined);
  }

  get names(): string[] {
    return this.events.map(({ event }) => event ?? '');
  }

  /** Resolves with the first frame that fits, past or to come. Rejects when the stream ends without it. */
  async until(test: string | ((frame: SseFrame) => boolean), from = 0): Promise<SseFrame> {
    const fits = typeof test === 'string' ? (frame: SseFrame): boolean => frame.event === test : test;
    for (let index = from; ; index += 1) {
      while (index >= this.frames.length) {
        if (this.#isEnded) {
          const seen = this.frames.slice(-30).map(({ event }) => event);
          throw new Error(`The stream ended without the frame; its last: ${seen.join(', ')}`);
        }
        await new Promise<void>((resolve) => this.#waiters.push(resolve));
      }
      const frame = this.frames[index];
      if (frame && fits(frame)) {
        return frame;
      }
    }
  }

  /** Resolves with the `turn/completed` of this turn. */
  async turnEnd(turnId: string): Promise<Record<string, unknown>> {
    const frame = await this.until(({ event, data }) => event === 'turn/completed' && data.turn_id === turnId);
    return frame.data.turn as Record<string, unknown>;
  }

  close(): void {
    this.response.destroy();
  }

  #take(text: string): void {
    this.#buffer += text;
    const blocks = this.#buffer.split('\n\n');
    this.#buffer = blocks.pop() ?? '';
    for (const block of blocks) {
      const frame = parseFrame(block);
      if (frame) {
        this.frames.push(frame);
        recordEvent(frame.data);
      }
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) {
      wake();
    }
  }
}

function parseFrame(block: string): SseFrame | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) {
      fields.set(line.slice(0, colon), line.slice(colon + 2));
    }
  }
  const text = fields.get('data');
  if (text === undefined) {
    return undefined;
  }
  return { id: fields.get('id'), event: fields.get('event'), text, data: toData(text) };
}

/** Some streams end in a line that is no JSON. */
function toData(text: string): Record<string, unknown> {
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
}
