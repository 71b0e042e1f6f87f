import { request, type IncomingMessage } from 'node:http';
import { TOKEN } from './server-process.js';

/** An event stream as the bytes that came, for comparing them and for not reading them. */
export class RawStream {
  readonly ended: Promise<void>;
  #wake = Promise.withResolvers<undefined>();
  #isEnded = false;
  readonly #chunks: string[] = [];

  private constructor(readonly response: IncomingMessage) {
    response.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      response.once('close', () => {
        this.#isEnded = true;
        this.#wake.resolve(undefined);
        resolve();
      });
    });
  }

  /** All that came so far. */
  get text(): string {
    return this.#chunks.join('');
  }

  /** Does not read before `read` is called. */
  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<RawStream> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const all = { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream', ...headers };
      request(url, { headers: all, agent: false }, resolve).on('error', reject).end();
    });
    return new RawStream(response);
  }

  read(): this {
    this.response.setEncoding('utf8');
    this.response.on('data', (text: string) => {
      this.#chunks.push(text);
      this.#wake.resolve(undefined);
      this.#wake = Promise.withResolvers<undefined>();
    });
    return this;
  }

  /** Resolves with the whole text once it holds this, or rejects at the stream's end. */
  async until(part: string): Promise<string> {
    let seen = '';
    for (let index = 0; ; index += 1) {
      while (index >= this.#chunks.length) {
        if (this.#isEnded) {
          throw new Error(`The stream ended without ${part}; its end: ${this.text.slice(-500)}`);
        }
        await this.#wake.promise;
      }
      seen = seen.slice(-part.length) + (this.#chunks[index] ?? '');
      if (seen.includes(part)) {
        return this.text;
      }
    }
  }

  close(): void {
    this.response.destroy();
  }
}

/** The frames that are events proper, with their blank lines, as they came. */
export function eventBytes(text: string): string[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('id: '))
    .map((block) => `${block}\n\n`);
}
