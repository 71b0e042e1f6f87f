import { type ServerResponse } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Response } from 'express';

/** Tells a producer that reads from a store when the client is ready for more. */
export class ResponseSink {
  readonly #res: ServerResponse;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  get isClosed(): boolean {
    return this.#res.destroyed || this.#res.writableEnded;
  }

  /**
   * True once the socket takes more: less than its high-water mark (64 KiB on Node 24) is waiting. False when the client
   * is gone or the stream has ended, after which nothing more need be produced. Never rejects.
   */
  whenDrained(): Promise<boolean> {
    if (this.isClosed || !this.#res.writableNeedDrain) {
      return Promise.resolve(!this.isClosed);
    }
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#res.off('drain', settle).off('close', settle);
        resolve(!this.isClosed);
      };
      this.#res.on('drain', settle).on('close', settle);
    });
  }
}

/** Injects the sink of the answer into a method under `@Sse`. */
export const SseSink = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => new ResponseSink(context.switchToHttp().getResponse<Response>()),
);
export type SseSink = ResponseSink;
