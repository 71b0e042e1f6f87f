import { type Observable, type Subscription } from 'rxjs';
import { type Pace } from '../../../core/events/pace.js';
import { type CallerCall } from '../../../core/turns/call-collector.js';
import { isTurnEnd, type TurnEvent } from '../../../core/turns/turn-event.js';
import { type TurnFeed, type TurnNews } from '../../../core/turns/turn-feed.js';
import { ResponseFold } from '../from-core/response-fold.js';
import { type StreamEvent } from '../from-core/stream-event.js';
import { type ResponseEnd, type ResponseRecord } from '../store/response-record.js';
import { EventBuffer } from './event-buffer.js';

export interface RunPorts {
  feed: TurnFeed;
  /** Stores the response as it ended; its last event is told only afterwards. */
  store: (record: ResponseRecord) => Promise<void>;
  /** The response is over, though its turn runs on. */
  cutShort: (record: ResponseRecord) => void;
}

/** One response that is being made. It goes on whether or not anybody listens. */
export class ResponseRun {
  readonly #buffer = new EventBuffer();
  readonly #fold: ResponseFold;
  readonly #over = Promise.withResolvers<ResponseRecord>();
  #record: ResponseRecord;
  #lastSeq: number;
  #subscription: Subscription | undefined;
  #isFinishing = false;

  constructor(
    record: ResponseRecord,
    private readonly ports: RunPorts,
  ) {
    this.#record = record;
    this.#lastSeq = record.afterSeq;
    this.#fold = new ResponseFold(record.head, record.fold);
    this.#buffer.append(this.#fold.begin());
  }

  /** As it stands. */
  get record(): ResponseRecord {
    return this.#record;
  }

  /** The resource as it stands. */
  get resource(): Readonly<Record<string, unknown>> {
    return this.#record.resource ?? this.#fold.resource;
  }

  /** The resource as it began. */
  get begun(): Readonly<Record<string, unknown>> {
    return { ...this.#record.head, status: this.#record.fold.isBackground ? 'queued' : 'in_progress' };
  }

  /** The response as it was stored at its end. */
  get over(): Promise<ResponseRecord> {
    return this.#over.promise;
  }

  events(after: number, pace: Pace): Observable<StreamEvent> {
    return this.#buffer.read(after, pace);
  }

  /** Follows its turn to the end. */
  follow(): void {
    const { threadId, turnId, afterSeq: after } = this.#record;
    if (threadId === null || turnId === null) {
      this.lose('There is no turn of this response.');
      return;
    }
    this.#subscription = this.ports.feed.follow({ threadId, turnId, after }).subscribe({
      next: (news) => {
        this.#take(news);
      },
      error: (error: unknown) => {
        this.lose(`The response can't be followed any more: ${String(error)}`);
      },
      complete: () => {
        this.lose('The thread of this response was deleted.');
      },
    });
    if (this.#isFinishing) {
      this.#subscription.unsubscribe();
    }
  }

  /** Is told by these events, the last of which ends the turn. */
  followStored(events: readonly TurnEvent[]): void {
    for (const event of events) {
      this.#take({ type: 'event', event });
    }
  }

  /** Ends with these calls, which the model made before. */
  park(calls: readonly CallerCall[], seq: number): void {
    const [first] = calls;
    const told = this.#record.fold.isSerial && first ? [first] : calls;
    const heldCalls = calls.slice(told.length);
    this.#finish(this.#fold.park(told, Date.now()), { type: 'parked', seq, calls }, heldCalls);
  }

  /** Ends with nothing: the input is in the history, and the model was not asked. */
  warmUp(): void {
    this.#finish(this.#fold.park([], Date.now()), { type: 'told', seq: this.#lastSeq });
  }

  lose(message: string): void {
    this.#finish(this.#fold.lose(message, Date.now()), { type: 'lost', seq: this.#lastSeq, message });
  }

  /** Remembers that the caller wants it cancelled, so that its end is told as that. */
  requestCancel(): ResponseRecord {
    this.#record = { ...this.#record, isCancelRequested: true };
    return this.#record;
  }

  #take(news: TurnNews): void {
    if (this.#isFinishing) {
      return;
    }
    if (news.type === 'parked') {
      this.park(news.calls, news.seq);
      return;
    }
    this.#lastSeq = news.event.seq;
    const events = this.#fold.take(news.event, this.#record.isCancelRequested);
    if (this.#fold.isEnded) {
      const isTurnOver = isTurnEnd(news.event);
      this.#finish(events, { type: 'told', seq: this.#lastSeq });
      if (!isTurnOver) {
        this.ports.cutShort(this.#record);
      }
    } else {
      this.#buffer.append(events);
    }
  }

  #finish(events: readonly StreamEvent[], end: ResponseEnd, heldCalls: readonly CallerCall[] = []): void {
    if (this.#isFinishing) {
      return;
    }
    this.#isFinishing = true;
    this.#subscription?.unsubscribe();
    const { resource, status } = this.#fold;
    this.#record = { ...this.#record, status, resource, end, heldCalls };
    this.#buffer.append(events.slice(0, -1));
    const tellEnd = (): void => {
      this.#buffer.append(events.slice(-1));
      this.#buffer.end();
      this.#over.resolve(this.#record);
    };
    // What can't be stored is found again at the next start; its readers need not wait for that.
    this.ports.store(this.#record).then(tellEnd, tellEnd);
  }
}
