import { type ServiceEvent } from './catalogue.js';

/** What happened, before it has a number. Its payload is in the service's own words: snake_case, no engine ids. */
export interface EventDraft {
  /** `null`: it belongs to no thread and goes to the server-wide stream only. */
  threadId: string | null;
  turnId: string | null;
  event: ServiceEvent;
}

/** An event as it is stored, and as every reader gets it: `data` is the JSON text itself, byte for byte. */
export interface StoredEvent {
  threadId: string | null;
  /** The thread's own number: 1, 2, 3 … without holes. Equal to `globalSeq` for an event of no thread. */
  seq: number;
  /** The server's number over all threads, without holes. */
  globalSeq: number;
  turnId: string | null;
  name: string;
  data: string;
  /** Unix time in milliseconds. */
  emittedAtMs: number;
}

/** Consecutive events of one stream which became durable together, in order; never empty. */
export type EventBatch = readonly StoredEvent[];

export function toStoredEvent(draft: EventDraft, seq: number, globalSeq: number, at: Instant): StoredEvent {
  const { threadId, turnId } = draft;
  const { name, payload } = draft.event;
  // The envelope comes last, so that no key of a payload can stand in for it.
  const data = JSON.stringify({
    ...payload,
    event: name,
    thread_id: threadId,
    ...(turnId === null ? {} : { turn_id: turnId }),
    seq,
    emitted_at: at.iso,
  });
  return { threadId, seq, globalSeq, turnId, name, data, emittedAtMs: at.ms };
}

export interface Instant {
  ms: number;
  iso: string;
}

/** A clock that formats each second once: `toISOString` costs more than the rest of an event's envelope. */
export class InstantClock {
  #last: Instant = { ms: 0, iso: new Date(0).toISOString() };
  #second = 0;
  /** Up to the decimal point. */
  #secondText = new Date(0).toISOString().slice(0, -4);

  now(): Instant {
    const ms = Date.now();
    if (ms !== this.#last.ms) {
      const second = Math.floor(ms / 1000);
      if (second !== this.#second) {
        this.#second = second;
        this.#secondText = new Date(ms).toISOString().slice(0, -4);
      }
      const rest = String(ms - second * 1000);
      this.#last = { ms, iso: `${this.#secondText}${rest.padStart(3, '0')}Z` };
    }
    return this.#last;
  }
}
