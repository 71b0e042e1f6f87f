import { applyDecorators, Get, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import { StreamRoute } from '../routing/route-metadata.js';
import { type EventStream } from './event-stream.js';
import { EventStreamInterceptor } from './event-stream.interceptor.js';

type SseDecorator = <Method extends (...args: never[]) => EventStream | Promise<EventStream>>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/**
 * `GET path` as an event stream: the method returns an `EventStream`, at once or in a promise, whose rejection is a status. When
 * the caller has too many streams open, it is refused before the method runs.
 */
export function Sse(path: string): SseDecorator {
  return applyDecorators(
    Get(path),
    StreamRoute(),
    UseInterceptors(EventStreamInterceptor),
    ApiProduces('text/event-stream'),
    ApiOkResponse({
      description: 'Server-sent events, until either side ends the stream.',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    }),
  );
}

/** The method may return an `EventStream`; anything else it returns is the body, as always. */
export const MayStream = (): MethodDecorator => applyDecorators(UseInterceptors(EventStreamInterceptor));
