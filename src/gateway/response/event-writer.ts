import { once } from 'node:events';
import { type ServerResponse } from 'node:http';

/** Server-sent events to one reader, no faster than it reads. */
export class EventWriter {
  constructor(
    private readonly response: ServerResponse,
    private readonly signal: AbortSignal,
  ) {}

  /** Resolves when there is room for more; rejects when the reader is gone. */
  async write(frames: string): Promise<void> {
    if (frames === '') {
      return;
    }
    this.signal.throwIfAborted();
    if (!this.response.headersSent) {
      this.response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    }
    if (!this.response.write(frames)) {
      await once(this.response, 'drain', { signal: this.signal });
    }
  }

  end(): void {
    this.response.end();
  }
}
