import { Observable } from 'rxjs';
import { type Pace } from '../../../core/events/pace.js';
import { type StreamEvent } from '../from-core/stream-event.js';

/** What a generator gives above this number, not faster than it is taken. */
export function paced(events: AsyncGenerator<StreamEvent>, after: number, pace: Pace): Observable<StreamEvent> {
  return new Observable((subscriber) => {
    const pump = async (): Promise<void> => {
      for await (const event of events) {
        if (subscriber.closed) {
          return;
        }
        if (event.sequence_number > after) {
          subscriber.next(event);
          await pace.whenDrained();
        }
      }
      subscriber.complete();
    };
    pump().catch((error: unknown) => {
      subscriber.error(error);
    });
  });
}
