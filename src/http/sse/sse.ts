import { applyDecorators, Get, Res, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import { type Observable } from 'rxjs';
import { type SseChunk } from './sse-chunk.js';
import { SseInterceptor } from './sse.interceptor.js';
import { SseSource } from './sse-source.js';

/** What a method under `@Sse` returns. A promise is awaited before any header is sent, so its rejection is a status. */
export type SseResult = Observable<SseChunk> | Promise<Observable<SseChunk>>;

type SseDecorator = <Method extends (...args: never[]) => SseResult>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/**
 * `GET path` as an event stream: the shape of Nest's own `@Sse`, which formats each event for each subscriber. Must stand
 * on top of the other decorators of its method or below them alike; what they have put on the method is kept.
 */
export function Sse(path: string): SseDecorator {
  return (target, name, descriptor) => {
    const whole = descriptor as PropertyDescriptor;
    const produce = whole.value as ((...args: unknown[]) => SseResult) | undefined;
    if (!produce) {
      throw new Error('@Sse stands on a method');
    }
    const paramTypes = Reflect.getMetadata('design:paramtypes', target, name) as unknown[] | undefined;
    const paramCount = paramTypes?.length ?? produce.length;
    const streamed = async function (this: unknown, ...args: unknown[]): Promise<SseSource> {
      return new SseSource(await produce.apply(this, args.slice(0, paramCount)));
    };
    for (const key of Reflect.getMetadataKeys(produce) as unknown[]) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, produce), streamed);
    }
    Object.defineProperty(streamed, 'name', { value: name });
    whole.value = streamed;
    // A response among the parameters tells Nest that the method answers for itself.
    Res()(target, name, paramCount);
    applyDecorators(
      Get(path),
      UseInterceptors(SseInterceptor),
      ApiProduces('text/event-stream'),
      ApiOkResponse({
        description: 'Server-sent events, until either side ends the stream.',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      }),
    )(target, name, whole);
  };
}
