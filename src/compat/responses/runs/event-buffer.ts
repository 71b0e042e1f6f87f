import { Observable } from 'rxjs';
import { type Pace } from '../../../core/events/pace.js';
import { type StreamEvent } from '../from-core/stream-event.js';

/** The events of one response while it is being made: whoever comes later reads them from the beginning. */
export class EventBuffer {
  readonly #events: StreamEvent[] = [];
  readonly #readers = new Set<() => void>();
  #isEnded = false;

  append(events: readonly StreamEvent[]): void {
    this.#events.push(...events);
    this.#wake();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  /** All events with a number above `after`, then those to come, no faster than they are taken; completes after the last. */
  read(after: number, pace: Pace): Observable<StreamEvent> {
    return new Observable((subscriber) => {
      let next = Math.max(0, after + 1);
      let isPaused = false;
      let isBegun = false;
      const tell = (): void => {
        while (!isPaused && !subscriber.closed) {
          const event = this.#events[next];
          if (!event) {
            if (this.#isEnded) {
              subscriber.complete();
            }
            return;
          }
          // The first one decides how the answer begins; before it there is nothing to wait for.
          if (isBegun && !pace.isReady) {
            isPaused = true;
            void pace.whenDrained().then(() => {
              isPaused = false;
              tell();
            });
            return;
          }
          isBegun = true;
          next += 1;
          subscriber.next(event);
        }
      };
      this.#readers.add(tell);
      tell();
      return () => {
        this.#readers.delete(tell);
      };
    });
  }

  #wake(): void {
    for (const tell of [...this.#readers]) {
      tell();
    }
  }
}
