import { type ServerResponse } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Response } from 'express';
import { type Pace } from '../../core/events/pace.js';

/** Answers whose first frame is there and whose stream is not open yet. */
const unopened = new WeakMap<ServerResponse, PromiseWithResolvers<undefined>>();

/** Until `openSink`, what is produced for this answer can't be written, and would only pile up. */
export function holdSink(res: ServerResponse): void {
  const opening = Promise.withResolvers<undefined>();
  unopened.set(res, opening);
  res.once('close', () => {
    opening.resolve(undefined);
  });
}

export function openSink(res: ServerResponse): void {
  unopened.get(res)?.resolve(undefined);
  unopened.delete(res);
}

/** Tells a producer that reads from a store when the client is ready for more. */
export class ResponseSink implements Pace {
  readonly #res: ServerResponse;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  get isClosed(): boolean {
    return this.#res.destroyed || this.#res.writableEnded;
  }

  /** The socket takes more: less than its high-water mark (64 KiB on Node 24) is waiting. */
  get isReady(): boolean {
    return !unopened.has(this.#res) && !this.#res.writableNeedDrain;
  }

  /** True once `isReady`. False when the client is gone or the stream has ended, after which nothing more need be produced. */
  async whenDrained(): Promise<boolean> {
    await unopened.get(this.#res)?.promise;
    if (!this.isClosed && this.#res.writableNeedDrain) {
      await this.#drained();
    }
    return !this.isClosed;
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#res.off('drain', settle).off('close', settle);
        resolve();
      };
      this.#res.on('drain', settle).on('close', settle);
    });
  }
}

/** Injects the sink of the answer into a method that streams. */
export const SseSink = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => new ResponseSink(context.switchToHttp().getResponse<Response>()),
);
export type SseSink = ResponseSink;
