import { once } from 'node:events';
import { type ServerResponse } from 'node:http';

/** What is gathered at most before it is written. */
const MAX_GATHERED_CHARS = 64 * 1024;

/** Server-sent events to one reader, no faster than it reads. Events of the same moment are written together. */
export class EventWriter {
  #gathered = '';
  #flushing: NodeJS.Immediate | undefined;

  /** Called just before something is written: what is held back until then. */
  toRest: () => string = () => '';

  constructor(
    private readonly response: ServerResponse,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Throws when the reader is gone.
   * @returns for how long to write no more, where the reader lags behind; it rejects when the reader goes away
   */
  write(frames: string): Promise<void> | undefined {
    this.signal.throwIfAborted();
    this.#gathered += frames;
    if (this.#gathered.length >= MAX_GATHERED_CHARS) {
      this.#flush();
    } else {
      this.#flushing ??= setImmediate(() => {
        this.#flush();
      });
    }
    return this.response.writableNeedDrain
      ? once(this.response, 'drain', { signal: this.signal }).then(() => undefined)
      : undefined;
  }

  end(): void {
    this.#flush();
    this.response.end();
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const frames = this.#gathered + this.toRest();
    this.#gathered = '';
    if (frames === '' || this.signal.aborted) {
      return;
    }
    if (!this.response.headersSent) {
      this.response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    }
    this.response.write(frames);
  }
}
