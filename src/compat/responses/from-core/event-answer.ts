import { concat, map, type Observable, of } from 'rxjs';
import { EventAnswer, type EventFrame } from '../../../http/sse/event-answer.js';
import { toOpenAiError } from '../../openai/errors.js';
import { type StreamEvent } from './stream-event.js';

const DONE: EventFrame = { data: '[DONE]' };

/** The events as a stream of the Responses API: `event:` is the type, and `[DONE]` ends it. */
export function toEventAnswer(events: Observable<StreamEvent>): EventAnswer {
  let next = 0;
  const frames = events.pipe(
    map((event): EventFrame => {
      next = event.sequence_number + 1;
      return { event: event.type, data: event };
    }),
  );
  return new EventAnswer(concat(frames, of(DONE)), (error) => {
    const { code, message, param } = toOpenAiError(error).error;
    return [{ event: 'error', data: { type: 'error', code, message, param, sequence_number: next } }, DONE];
  });
}
