import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { type Observable } from 'rxjs';
import { type Logger } from 'pino';
import { HTTP_OPTIONS, type HttpOptions, type SseTimes } from '../http-options.js';
import { LOGGER } from '../logging/logger.js';
import { toServiceError } from '../problem/to-service-error.js';
import { type SseChunk } from './sse-chunk.js';
import { SseStream } from './sse-stream.js';

const DEFAULT_TIMES: SseTimes = { keepaliveMs: 10_000, drainMs: 10_000 };
/** So many ticks make up the shorter of the two times: fine enough that a comment comes about when it was promised. */
const TICKS = 10;

/** All open streams of this process, and the one timer that they share. */
@Injectable()
export class SseStreams implements OnModuleDestroy {
  readonly #open = new Set<SseStream>();
  readonly #clock = { tick: 0 };
  readonly #times: SseTimes;
  readonly #tickMs: number;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;
  #whenEmpty: (() => void)[] = [];

  constructor(@Inject(HTTP_OPTIONS) { sse = DEFAULT_TIMES }: HttpOptions, @Inject(LOGGER) logger: Logger) {
    this.#logger = logger;
    this.#times = sse;
    this.#tickMs = Math.max(1, Math.min(sse.keepaliveMs, sse.drainMs) / TICKS);
  }

  get openCount(): number {
    return this.#open.size;
  }

  /**
   * Begins the answer and writes every chunk to it, until the client is gone, the source ends, or the client turns out
   * too slow. The source is unsubscribed from exactly then.
   */
  start(req: Request, res: Response, chunks: Observable<SseChunk>): void {
    const endsAtMs = req.caller?.ticket?.endsAtMs ?? Number.POSITIVE_INFINITY;
    const stream = new SseStream(res, { endsAtMs, isNamed: req.query.named !== 'false' }, this.#clock);
    this.#add(stream);
    res.once('close', () => {
      stream.subscription?.unsubscribe();
      this.#remove(stream);
    });
    stream.open();
    if (req.method === 'HEAD') {
      stream.end();
      return;
    }
    stream.subscription = chunks.subscribe({
      next: (chunk) => {
        stream.write(chunk);
      },
      error: (cause: unknown) => {
        const { code, message } = toServiceError(cause);
        if (code === 'internal') {
          this.#logger.error({ err: cause, requestId: req.requestId }, 'unexpected error in a stream');
        }
        stream.end('stream/error', { code, message, request_id: req.requestId });
      },
      complete: () => {
        stream.end();
      },
    });
    this.#endIfOver(stream, res);
  }

  /** What began while the stream could already end has to be let go of here. */
  #endIfOver(stream: SseStream, res: Response): void {
    if (this.#isClosing) {
      stream.end('stream/closing', { reason: 'shutdown' });
    }
    if (stream.isEnded || res.destroyed) {
      stream.subscription?.unsubscribe();
    }
    if (res.destroyed) {
      this.#remove(stream);
    }
  }

  /** Tells every client that the server is going, now and for streams to come; settles when all are closed. */
  async closeAll(): Promise<void> {
    this.#isClosing = true;
    for (const stream of this.#open) {
      stream.end('stream/closing', { reason: 'shutdown' });
    }
    if (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenEmpty.push(resolve);
      });
    }
  }

  async onModuleDestroy(): Promise<void> {
    await this.closeAll();
  }

  #add(stream: SseStream): void {
    this.#open.add(stream);
    this.#timer ??= setInterval(() => {
      this.#tick();
    }, this.#tickMs);
  }

  #remove(stream: SseStream): void {
    this.#open.delete(stream);
    if (this.#open.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      for (const resolve of this.#whenEmpty.splice(0)) {
        resolve();
      }
    }
  }

  #tick(): void {
    this.#clock.tick += 1;
    const limits = {
      keepaliveTicks: this.#times.keepaliveMs / this.#tickMs,
      drainTicks: this.#times.drainMs / this.#tickMs,
      nowMs: Date.now(),
    };
    for (const stream of this.#open) {
      stream.tick(limits);
    }
  }
}
