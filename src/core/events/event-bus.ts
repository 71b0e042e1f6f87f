import { Observable, Subject } from 'rxjs';
import { type EventBatch, type StoredEvent } from './event.js';

/** The key of the server-wide channel. */
const ALL = Symbol('all threads');

/**
 * Carries durable events to whoever listens, a batch a commit. It keeps nothing: what a listener missed is in the log.
 * One array is one batch for all listeners of a channel, so that a wire can format it once for everybody.
 */
export class EventBus {
  readonly #channels = new Map<string | typeof ALL, Subject<EventBatch>>();

  /** The batches of one thread, or with `null` those of the whole server. */
  batches(threadId: string | null): Observable<EventBatch> {
    const key = threadId ?? ALL;
    return new Observable((subscriber) => {
      const channel = this.#channels.get(key) ?? new Subject<EventBatch>();
      this.#channels.set(key, channel);
      const subscription = channel.subscribe(subscriber);
      return () => {
        subscription.unsubscribe();
        if (!channel.observed && this.#channels.get(key) === channel) {
          this.#channels.delete(key);
        }
      };
    });
  }

  /** Events that just became durable, in the order of `globalSeq`. */
  publish(events: EventBatch): void {
    if (events.length === 0 || this.#channels.size === 0) {
      return;
    }
    for (const [threadId, batch] of byThread(events)) {
      this.#channels.get(threadId)?.next(batch);
    }
    this.#channels.get(ALL)?.next(events);
  }
}

function byThread(events: EventBatch): Map<string, StoredEvent[]> {
  const batches = new Map<string, StoredEvent[]>();
  for (const event of events) {
    if (event.threadId === null) {
      continue;
    }
    const batch = batches.get(event.threadId);
    if (batch) {
      batch.push(event);
    } else {
      batches.set(event.threadId, [event]);
    }
  }
  return batches;
}
