import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { type Observable } from 'rxjs';
import { type Logger } from 'pino';
import { steadyNowMs } from '../../core/steady-clock.js';
import { HTTP_OPTIONS, type HttpOptions, type SseTimes } from '../http-options.js';
import { StreamSlots } from '../limits/stream-slots.js';
import { LOGGER } from '../logging/logger.js';
import { isCutOff } from '../problem/cut-off.js';
import { toServiceError } from '../problem/to-service-error.js';
import { type SseChunk } from './sse-chunk.js';
import { SseStream } from './sse-stream.js';
import { type StreamForm } from './stream-form.js';

const DEFAULT_TIMES: SseTimes = { keepaliveMs: 10_000, drainMs: 10_000 };
/** So many ticks make up the shorter of the two times: fine enough that a comment comes about when it was promised. */
const TICKS = 10;

/** What is to be written, and how. */
export interface StreamedChunks {
  readonly chunks: Observable<SseChunk>;
  readonly form: StreamForm;
}

/** All open streams of this process, and the one timer that they share. */
@Injectable()
export class SseStreams implements OnModuleDestroy {
  readonly #open = new Set<SseStream>();
  readonly #clock = { tick: 0 };
  readonly #times: SseTimes;
  readonly #tickMs: number;
  readonly #logger: Logger;
  readonly #slots: StreamSlots;
  #timer: NodeJS.Timeout | undefined;
  #isClosing = false;
  #openedCount = 0;
  #laggedCount = 0;
  #whenEmpty: (() => void)[] = [];

  constructor(
    @Inject(HTTP_OPTIONS) { sse = DEFAULT_TIMES }: HttpOptions,
    @Inject(LOGGER) logger: Logger,
    slots: StreamSlots,
  ) {
    this.#logger = logger;
    this.#slots = slots;
    this.#times = sse;
    this.#tickMs = Math.max(1, Math.min(sse.keepaliveMs, sse.drainMs) / TICKS);
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** So many were opened. */
  get openedCount(): number {
    return this.#openedCount;
  }

  /** So many were ended because their readers were too slow. */
  get laggedCount(): number {
    return this.#laggedCount;
  }

  /** What waits for clients to take it, of each open stream. */
  bufferedBytes(): number[] {
    return [...this.#open].map((stream) => stream.bufferedBytes);
  }

  /**
   * Begins the answer and writes every chunk to it, until the client is gone, the source ends, or the client turns out
   * too slow. The source is unsubscribed from exactly then.
   */
  start(req: Request, res: Response, { chunks, form }: StreamedChunks): void {
    if (isCutOff(res)) {
      return;
    }
    const endsAtMs = req.caller?.ticket?.endsAtMs ?? Number.POSITIVE_INFINITY;
    const callerId = req.caller?.id ?? '';
    const stream = new SseStream(res, { endsAtMs, form, callerId }, this.#clock);
    req.isStream = true;
    this.#slots.hold(res, callerId);
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
        this.#laggedCount += stream.write(chunk) ? 0 : 1;
      },
      error: (cause: unknown) => {
        const error = toServiceError(cause);
        if (error.code === 'internal') {
          this.#logger.error({ err: cause, requestId: req.requestId }, 'unexpected error in a stream');
        }
        stream.end({ reason: 'failed', error, requestId: req.requestId });
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
      stream.end({ reason: 'closing', cause: 'shutdown' });
    }
    if (stream.isEnded || res.destroyed) {
      stream.subscription?.unsubscribe();
    }
    if (res.destroyed) {
      this.#remove(stream);
    }
  }

  /** Ends every stream of a caller whose token is no longer good. */
  endOf(callerId: string): void {
    for (const stream of this.#open) {
      if (stream.callerId === callerId) {
        stream.end({ reason: 'closing', cause: 'token_revoked' });
      }
    }
  }

  /** Tells every client that the server is going, now and for streams to come; settles when all are closed. */
  async closeAll(): Promise<void> {
    this.#isClosing = true;
    for (const stream of this.#open) {
      stream.end({ reason: 'closing', cause: 'shutdown' });
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
    this.#openedCount += 1;
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
      nowMs: steadyNowMs(),
    };
    for (const stream of this.#open) {
      stream.tick(limits);
    }
  }
}
