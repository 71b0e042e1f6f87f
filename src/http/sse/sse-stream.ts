import { type ServerResponse } from 'node:http';
import { type Subscription } from 'rxjs';
import { openSink } from './response-sink.js';
import { type SseChunk } from './sse-chunk.js';
import { type StreamEnding, type StreamForm } from './stream-form.js';

const KEEPALIVE = Buffer.from(': keepalive\n\n');

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

export interface SseStreamOptions {
  endsAtMs: number;
  form: StreamForm;
  /** Who opened it. */
  callerId: string;
}

/** The writing side of one open stream. Times are ticks of the clock that all streams share. */
export class SseStream {
  /** Ends with the stream. */
  subscription: Subscription | undefined;
  readonly callerId: string;
  readonly #res: ServerResponse;
  readonly #endsAtMs: number;
  readonly #form: StreamForm;
  readonly #clock: { readonly tick: number };
  #lastId: string | null = null;
  #writtenAtTick: number;
  #endedAtTick: number | undefined;
  /** The size of a chunk past the limit that is still being sent. */
  #oversizeBytes = 0;

  constructor(res: ServerResponse, { endsAtMs, form, callerId }: SseStreamOptions, clock: { readonly tick: number }) {
    this.#res = res;
    this.callerId = callerId;
    this.#endsAtMs = endsAtMs;
    this.#form = form;
    this.#clock = clock;
    this.#writtenAtTick = clock.tick;
  }

  open(): void {
    this.#res.socket?.setNoDelay(true);
    // Without chunked framing the end of the connection ends the stream as well, and Node says so in the headers.
    this.#res.useChunkedEncodingByDefault &&= this.#form.isChunked;
    this.#res.writeHead(200, HEADERS);
    if (this.#form.opening.length > 0) {
      this.#res.write(this.#form.opening);
    }
    openSink(this.#res);
  }

  get isEnded(): boolean {
    return this.#endedAtTick !== undefined;
  }

  /** What waits for the client to take it. */
  get bufferedBytes(): number {
    return this.#res.writableLength;
  }

  /** False when the reader turns out too slow for it: the stream is over then. */
  write(chunk: SseChunk): boolean {
    if (this.#endedAtTick !== undefined) {
      return true;
    }
    if (!this.#hasRoomFor(chunk.bytes.length)) {
      this.end({ reason: 'lagged', lastId: this.#lastId });
      return false;
    }
    this.#res.write(chunk.bytes);
    this.#lastId = chunk.lastId ?? this.#lastId;
    this.#writtenAtTick = this.#clock.tick;
    return true;
  }

  /** Says why, and ends after what is buffered. The subscription is over at once. */
  end(ending?: StreamEnding): void {
    if (this.#endedAtTick !== undefined) {
      return;
    }
    this.#endedAtTick = this.#clock.tick;
    this.subscription?.unsubscribe();
    this.#res.end(ending === undefined ? undefined : this.#form.toEnding(ending));
  }

  /** Once a tick: a comment for a silent stream, and an end for one that is over but not read. */
  tick(limits: { keepaliveTicks: number; drainTicks: number; nowMs: number }): void {
    const { tick } = this.#clock;
    if (this.#endedAtTick !== undefined) {
      if (tick - this.#endedAtTick > limits.drainTicks) {
        this.#res.destroy();
      }
    } else if (limits.nowMs >= this.#endsAtMs) {
      this.end({ reason: 'closing', cause: 'ticket_expired' });
    } else if (tick - this.#writtenAtTick >= limits.keepaliveTicks && this.#res.writableLength === 0) {
      this.#res.write(KEEPALIVE);
      this.#writtenAtTick = tick;
    }
  }

  destroy(): void {
    this.#res.destroy();
  }

  /**
   * Whatever its size, a chunk fits when the client has taken what came before: that it is large is not the reader's
   * fault. It leaves as much room as before for what follows it.
   */
  #hasRoomFor(bytes: number): boolean {
    const buffered = this.#res.writableLength;
    const { maxBufferedBytes } = this.#form;
    if (!this.#res.writableNeedDrain) {
      this.#oversizeBytes = bytes;
    } else if (buffered <= maxBufferedBytes) {
      this.#oversizeBytes = bytes > maxBufferedBytes ? bytes : 0;
    }
    return buffered + bytes <= maxBufferedBytes + this.#oversizeBytes;
  }
}
