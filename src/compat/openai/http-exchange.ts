import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { ResponseSink } from '../../http/sse/response-sink.js';

/** All that a route needs which may answer with a stream or with a body. */
export interface HttpExchange {
  req: Request;
  /** For headers of its own; the answer is what the route returns. */
  res: Response;
  sink: ResponseSink;
}

/** Injects the exchange into a method. */
export const HttpExchange = createParamDecorator((_data: unknown, context: ExecutionContext): HttpExchange => {
  const http = context.switchToHttp();
  const res = http.getResponse<Response>();
  return { req: http.getRequest<Request>(), res, sink: new ResponseSink(res) };
});
