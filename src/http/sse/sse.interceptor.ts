import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { map, type Observable } from 'rxjs';
import { SseSource } from './sse-source.js';
import { SseStreams } from './sse-streams.js';

/** Starts the stream that a method under `@Sse` has made. Nest's part in the request ends here. */
@Injectable()
export class SseInterceptor implements NestInterceptor {
  readonly #streams: SseStreams;

  constructor(streams: SseStreams) {
    this.#streams = streams;
  }

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<void> {
    const http = context.switchToHttp();
    return next.handle().pipe(
      map((source) => {
        if (!(source instanceof SseSource)) {
          throw new TypeError('a method under @Sse must return an Observable');
        }
        this.#streams.start(http.getRequest<Request>(), http.getResponse<Response>(), source.chunks);
      }),
    );
  }
}
