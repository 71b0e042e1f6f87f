import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { from, map, mergeMap, type Observable, of } from 'rxjs';
import { begun } from './begun.js';
import { EventAnswer, StreamedAnswer, toDialectForm, toFrameChunk } from './event-answer.js';
import { holdSink } from './response-sink.js';
import { SseStreams } from './sse-streams.js';

/** Starts the stream of a method that returned an `EventAnswer`; what is none is answered as everywhere. */
@Injectable()
export class EventAnswerInterceptor implements NestInterceptor {
  readonly #streams: SseStreams;

  constructor(streams: SseStreams) {
    this.#streams = streams;
  }

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const http = context.switchToHttp();
    const [req, res] = [http.getRequest<Request>(), http.getResponse<Response>()];
    return next
      .handle()
      .pipe(mergeMap((answer) => (answer instanceof EventAnswer ? from(this.#start(req, res, answer)) : of(answer))));
  }

  async #start(req: Request, res: Response, { frames, toLastFrames }: EventAnswer): Promise<StreamedAnswer> {
    const chunks = await begun(holdingAfterFirst(frames, res), (cancel) => res.once('close', cancel));
    this.#streams.start(req, res, { chunks: chunks.pipe(map(toFrameChunk)), form: toDialectForm(toLastFrames) });
    return new StreamedAnswer();
  }
}

/** From the first frame until the stream is open, the source is told that nothing can be taken. */
function holdingAfterFirst<T>(frames: Observable<T>, res: Response): Observable<T> {
  return frames.pipe(
    map((frame, index) => {
      if (index === 0) {
        holdSink(res);
      }
      return frame;
    }),
  );
}
