import { Agent, get, type IncomingMessage } from 'node:http';

/** Called with each frame as it stands in the stream, without its last line break. */
export type OnFrame = (frame: string) => void;

const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

/** One event stream. Resolves when its first frame named `openMark` was read. */
export class EventStream {
  readonly #response: IncomingMessage;
  #rest = '';

  private constructor(response: IncomingMessage, onFrame: OnFrame) {
    this.#response = response;
    response.setEncoding('utf8').on('data', (text: string) => {
      const frames = (this.#rest + text).split('\n\n');
      this.#rest = frames.pop() ?? '';
      frames.forEach(onFrame);
    });
    // Closing the stream breaks it off, which is no fault.
    response.on('error', () => undefined);
  }

  static async open(url: string, token: string, onFrame: OnFrame): Promise<EventStream> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, { agent, headers: { authorization: `Bearer ${token}` } }, resolve).on('error', reject);
    });
    if (response.statusCode !== 200) {
      throw new Error(`${url} answers ${String(response.statusCode)}.`);
    }
    return new EventStream(response, onFrame);
  }

  close(): void {
    this.#response.destroy();
  }
}
