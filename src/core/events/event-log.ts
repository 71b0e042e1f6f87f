import { type StoredEvent } from './event.js';

/**
 * The first event kept, and the last one that was given a number; `earliestSeq` is `latestSeq + 1` when none is kept. A
 * thread's are all kept from the first on; the server-wide sequence has holes where events of one thread are gone.
 */
export interface EventBounds {
  earliestSeq: number;
  latestSeq: number;
}

/** Reads durable events. Writing them is `Journal`'s, since an event and the state it implies are stored together. */
export abstract class EventLog {
  /** At most `limit` events of the thread with `seq > after`, in order. `null` reads the server-wide sequence. */
  abstract read(threadId: string | null, after: number, limit: number): Promise<StoredEvent[]>;

  /** What is kept of the thread, or of the server-wide sequence. All zero (`1`, `0`) for one that has no event. */
  abstract bounds(threadId: string | null): EventBounds;
}
