import { Observable } from 'rxjs';
import { type StreamEvent } from '../from-core/stream-event.js';

/** So many events are told at a stretch before it is asked whether the reader can take more. */
const STRETCH = 64;

/** The events of one response while it is being made: whoever comes later reads them from the beginning. */
export class EventTape {
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

  /** All events with a number above `after`, then those to come; completes after the last. */
  read(after: number, whenDrained: () => Promise<unknown>): Observable<StreamEvent> {
    return new Observable((subscriber) => {
      let next = Math.max(0, after + 1);
      let isPaused = false;
      const tell = (): void => {
        for (let told = 0; !isPaused && !subscriber.closed; told += 1) {
          const event = this.#events[next];
          if (!event) {
            if (this.#isEnded) {
              subscriber.complete();
            }
            return;
          }
          if (told === STRETCH) {
            isPaused = true;
            void whenDrained().then(() => {
              isPaused = false;
              tell();
            });
            return;
          }
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
