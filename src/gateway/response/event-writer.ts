import { once } from 'node:events';
import { type ServerResponse } from 'node:http';

/** What is gathered at most before it is written. */
const MAX_GATHERED_CHARS = 64 * 1024;

/**
 * Server-sent events to one reader, no faster than it reads. Events of the same moment, as those of the deltas that have
 * come in one packet, are written together.
 */
export class EventWriter {
  #gathered = '';
  #flushing: NodeJS.Immediate | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when there is room for more; rejects when the reader is gone. */
  async write(frames: string): Promise<void> {
    this.signal.throwIfAborted();
    this.#gathered += frames;
    if (this.#gathered.length >= MAX_GATHERED_CHARS) {
      this.#flush();
    } else if (this.#gathered !== '') {
      this.#flushing ??= setImmediate(() => {
        this.#flush();
      });
    }
    if (this.response.writableNeedDrain) {
      await once(this.response, 'drain', { signal: this.signal });
    }
  }

  end(): void {
    this.#flush();
    this.response.end();
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const frames = this.#gathered;
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
