import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { map, type Observable } from 'rxjs';
import { StreamSlots } from '../limits/stream-slots.js';
import { SseSource } from './sse-source.js';
import { SseStreams } from './sse-streams.js';
import { toNativeForm } from './stream-form.js';

/** Starts the stream that a method under `@Sse` has made. Nest's part in the request ends here. */
@Injectable()
export class SseInterceptor implements NestInterceptor {
  readonly #streams: SseStreams;
  readonly #slots: StreamSlots;

  constructor(streams: SseStreams, slots: StreamSlots) {
    this.#streams = streams;
    this.#slots = slots;
  }

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<void> {
    const http = context.switchToHttp();
    const [req, res] = [http.getRequest<Request>(), http.getResponse<Response>()];
    // Before the method runs, so that a stream which can't be had costs no more than its refusal.
    this.#slots.admit(res, req.caller?.id ?? '');
    return next.handle().pipe(
      map((source) => {
        if (!(source instanceof SseSource)) {
          throw new TypeError('a method under @Sse must return an Observable');
        }
        const form = toNativeForm(req.query.named !== 'false');
        this.#streams.start(req, res, { chunks: source.chunks, form });
      }),
    );
  }
}
