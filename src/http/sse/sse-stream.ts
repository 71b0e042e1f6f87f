import { type ServerResponse } from 'node:http';
import { type Subscription } from 'rxjs';
import { formatControl, type SseChunk } from './sse-chunk.js';

/** What may wait for a slow client, as V2 promises: past it the stream ends, so that it slows nobody else. */
export const MAX_BUFFERED_BYTES = 1024 * 1024;

const KEEPALIVE = Buffer.from(': keepalive\n\n');
const OPENING = Buffer.from('retry: 2000\n\n');

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
  Connection: 'keep-alive',
};

export interface SseStreamOptions {
  endsAtMs: number;
  /** Whether frames have an `event:` line; an `onmessage` sees only those without. */
  isNamed: boolean;
}

/** The writing side of one open stream. Times are ticks of the clock that all streams share. */
export class SseStream {
  /** Ends with the stream. */
  subscription: Subscription | undefined;
  readonly #res: ServerResponse;
  readonly #endsAtMs: number;
  readonly #isNamed: boolean;
  readonly #clock: { readonly tick: number };
  #lastId: string | null = null;
  #writtenAtTick: number;
  #endedAtTick: number | undefined;
  /** The size of a chunk past the limit that is still being sent. */
  #oversizeBytes = 0;

  constructor(res: ServerResponse, { endsAtMs, isNamed }: SseStreamOptions, clock: { readonly tick: number }) {
    this.#res = res;
    this.#endsAtMs = endsAtMs;
    this.#isNamed = isNamed;
    this.#clock = clock;
    this.#writtenAtTick = clock.tick;
  }

  open(): void {
    this.#res.socket?.setNoDelay(true);
    // Chunked framing would make four writes of each one; the end of the connection ends the stream as well.
    this.#res.useChunkedEncodingByDefault = false;
    this.#res.writeHead(200, HEADERS);
    this.#res.write(OPENING);
  }

  get isEnded(): boolean {
    return this.#endedAtTick !== undefined;
  }

  write(chunk: SseChunk): void {
    if (this.#endedAtTick !== undefined) {
      return;
    }
    if (!this.#hasRoomFor(chunk.bytes.length)) {
      this.end('stream/lagged', {
        last_id: this.#lastId,
        detail: 'This reader is too slow. Reconnect with the id of the last event that arrived as Last-Event-ID.',
      });
      return;
    }
    this.#res.write(chunk.bytes);
    this.#lastId = chunk.lastId ?? this.#lastId;
    this.#writtenAtTick = this.#clock.tick;
  }

  /** Says why, and ends after what is buffered. The subscription is over at once. */
  end(name?: string, data: object = {}): void {
    if (this.#endedAtTick !== undefined) {
      return;
    }
    this.#endedAtTick = this.#clock.tick;
    this.subscription?.unsubscribe();
    this.#res.end(name === undefined ? undefined : formatControl(name, data, this.#isNamed));
  }

  /** Once a tick: a comment for a silent stream, and an end for one that is over but not read. */
  tick(limits: { keepaliveTicks: number; drainTicks: number; nowMs: number }): void {
    const { tick } = this.#clock;
    if (this.#endedAtTick !== undefined) {
      if (tick - this.#endedAtTick > limits.drainTicks) {
        this.#res.destroy();
      }
    } else if (limits.nowMs >= this.#endsAtMs) {
      this.end('stream/closing', { reason: 'ticket_expired' });
    } else if (tick - this.#writtenAtTick >= limits.keepaliveTicks && this.#res.writableLength === 0) {
      this.#res.write(KEEPALIVE);
      this.#writtenAtTick = tick;
    }
  }

  destroy(): void {
    this.#res.destroy();
  }

  /** What is larger by itself fits too, one at a time, and leaves as much room as before for what follows it. */
  #hasRoomFor(bytes: number): boolean {
    const buffered = this.#res.writableLength;
    if (buffered <= MAX_BUFFERED_BYTES) {
      this.#oversizeBytes = bytes > MAX_BUFFERED_BYTES ? bytes : 0;
    }
    return buffered + bytes <= MAX_BUFFERED_BYTES + this.#oversizeBytes;
  }
}
