import { type ProtectedTurns } from './protected-turns.js';
import { ROWS_AT_ONCE } from './thread-deletion.js';

/** What decides whether a stored event is kept. */
export interface KeptEvent {
  streamNo: number;
  threadId: string;
  seq: number;
  globalSeq: number;
  turnId: string | null;
  emittedAtMs: number;
  /** On the disk, about. */
  bytes: number;
}

/** What goes in one transaction. */
export interface Plan {
  count: number;
  bytes: number;
  /** By stream: everything up to and with this number. */
  lastSeqs: ReadonlyMap<number, number>;
  /** The server-wide number of the last event that was looked at; 0 when there was none. */
  decidedUpTo: number;
  /** Whether the events behind these may have to go as well. */
  isMore: boolean;
}

/** Large events are deleted fewer at a time: all their pages are touched. */
const MAX_BYTES_AT_ONCE = 4 * 1024 * 1024;

/** The first events of a stream, all of them too many: they go up to the first that is protected. */
export function toOverlong(events: readonly KeptEvent[], protectedTurns: Pick<ProtectedTurns, 'covers'>): Plan {
  const draft = new Draft();
  for (const event of events) {
    if (protectedTurns.covers(event) || draft.isFull) {
      return draft.toPlan(!protectedTurns.covers(event));
    }
    draft.add(event);
  }
  return draft.toPlan(events.length === ROWS_AT_ONCE);
}

export interface Outdated {
  /** Unix milliseconds. */
  before: number;
  /** How much has to go whatever its age; less than nothing when there is room. */
  excessBytes: number;
  protectedTurns: Pick<ProtectedTurns, 'covers'>;
  /** Streams with a protected event, from which on they are kept; what is found is added. */
  passedOver: Set<number>;
}

/** The oldest events of all streams: they go while they are too old or too much. */
export function toOutdated(events: readonly KeptEvent[], outdated: Outdated): Plan {
  const { before, excessBytes, protectedTurns, passedOver } = outdated;
  const draft = new Draft();
  for (const event of events) {
    if (event.emittedAtMs >= before && draft.bytes >= excessBytes) {
      return draft.toPlan(false);
    }
    if (draft.isFull) {
      return draft.toPlan(true);
    }
    draft.decidedUpTo = event.globalSeq;
    if (passedOver.has(event.streamNo) || protectedTurns.covers(event)) {
      passedOver.add(event.streamNo);
    } else {
      draft.add(event);
    }
  }
  return draft.toPlan(events.length === ROWS_AT_ONCE);
}

class Draft {
  count = 0;
  bytes = 0;
  decidedUpTo = 0;
  readonly #lastSeqs = new Map<number, number>();

  get isFull(): boolean {
    return this.bytes >= MAX_BYTES_AT_ONCE;
  }

  add({ streamNo, seq, bytes }: KeptEvent): void {
    this.count += 1;
    this.bytes += bytes;
    this.#lastSeqs.set(streamNo, seq);
  }

  toPlan(isMore: boolean): Plan {
    const { count, bytes, decidedUpTo } = this;
    return { count, bytes, lastSeqs: this.#lastSeqs, decidedUpTo, isMore };
  }
}
