import { concat, map, type Observable, of } from 'rxjs';
import { type EventStream } from '../../../http/sse/event-stream.js';
import { type EventFrame, toFrameStream } from '../../../http/sse/event-frames.js';
import { toOpenAiError } from '../../openai/errors.js';
import { type StreamEvent } from './stream-event.js';

const DONE: EventFrame = { data: '[DONE]' };

/** The events as a stream of the Responses API: `event:` is the type, and `[DONE]` ends it. */
export function toEventStream(events: Observable<StreamEvent>): EventStream {
  let next = 0;
  const frames = events.pipe(
    map((event): EventFrame => {
      next = event.sequence_number + 1;
      return { event: event.type, data: event };
    }),
  );
  return toFrameStream(concat(frames, of(DONE)), (error) => {
    const { code, message, param } = toOpenAiError(error).error;
    return [{ event: 'error', data: { type: 'error', code, message, param, sequence_number: next } }, DONE];
  });
}
