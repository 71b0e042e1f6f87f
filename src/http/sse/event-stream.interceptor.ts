import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { from, map, mergeMap, type Observable, of } from 'rxjs';
import { StreamSlots } from '../limits/stream-slots.js';
import { isStreamHandler } from '../routing/route-metadata.js';
import { begun } from './begun.js';
import { EventStream } from './event-stream.js';
import { holdSink } from './response-sink.js';
import { SseStreams } from './sse-streams.js';

/** Sends the `EventStream` that a method returned; any other result is answered as everywhere. */
@Injectable()
export class EventStreamInterceptor implements NestInterceptor {
  constructor(
    private readonly streams: SseStreams,
    private readonly slots: StreamSlots,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const http = context.switchToHttp();
    const [req, res] = [http.getRequest<Request>(), http.getResponse<Response>()];
    if (isStreamHandler(context.getHandler())) {
      this.slots.admit(res, req.caller?.id ?? '');
    }
    return next.handle().pipe(
      mergeMap((result) => {
        if (!(result instanceof EventStream)) {
          return of(result);
        }
        if (result.form.startsWithSource) {
          return from(this.#startWithSource(req, res, result));
        }
        this.streams.start(req, res, result);
        return of(undefined);
      }),
    );
  }

  async #startWithSource(req: Request, res: Response, { chunks, form }: EventStream): Promise<void> {
    const source = await begun(holdingAfterFirst(chunks, res), (cancel) => res.once('close', cancel));
    this.streams.start(req, res, { chunks: source, form });
  }
}

/** From the first chunk until the stream is open, the source is told that nothing can be taken. */
function holdingAfterFirst<T>(chunks: Observable<T>, res: Response): Observable<T> {
  return chunks.pipe(
    map((chunk, index) => {
      if (index === 0) {
        holdSink(res);
      }
      return chunk;
    }),
  );
}
