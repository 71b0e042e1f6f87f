import { type Observable } from 'rxjs';
import { type SseChunk } from './sse-chunk.js';
import { type StreamForm, toNativeForm } from './stream-form.js';

/**
 * What a method returns to answer with server-sent events, under `@Sse` or `@MayStream`. The source is subscribed to once, and
 * unsubscribed from when the client goes away. Not an Observable itself: Nest would wait for the last value of one.
 */
export class EventStream {
  constructor(
    readonly chunks: Observable<SseChunk>,
    readonly form: StreamForm,
  ) {}
}

/** A stream of the native API. `isNamed`: frames have an `event:` line. */
export function toNativeStream(chunks: Observable<SseChunk>, isNamed: boolean): EventStream {
  return new EventStream(chunks, toNativeForm(isNamed));
}
