import { Observable, type Subscriber } from 'rxjs';
import { type Payload } from '../engine/payload.js';
import { type EventBus } from '../events/event-bus.js';
import { type EventBatch } from '../events/event.js';
import { type EventLog } from '../events/event-log.js';
import { follow } from '../events/follow.js';
import { type Pace } from '../events/pace.js';
import { type ThreadRecord } from '../threads/thread-record.js';
import { CallCollector, type CallerCall } from './call-collector.js';
import { isTurnEnd, toTurnEvent, type TurnEvent } from './turn-event.js';

/** Calls that belong together come within a few milliseconds, where the engine does not say how many there are. */
const QUIET_MS = 50;

/**
 * A model may take long over the arguments of its next call, of which nothing is told meanwhile. If it broke off instead,
 * the engine does not say so before it has the outputs of the calls that were made.
 */
const SILENT_MS = 30_000;

export type TurnNews =
  | { type: 'event'; event: TurnEvent }
  /** The turn waits for functions of the caller's: all those that belong together. It goes on after this `seq`. */
  | { type: 'parked'; calls: readonly CallerCall[]; seq: number };

export interface TurnFeedRequest {
  threadId: string;
  turnId: string;
  /** The number of the last event of the thread that is not wanted. */
  after: number;
  /** Who falls behind is told the rest as fast as he takes it; without a pace, as fast as it comes. */
  pace?: Pace | undefined;
}

export interface TurnFeedPorts {
  log: EventLog;
  bus: EventBus;
  manager: { findRecord: (threadId: string) => ThreadRecord | undefined };
}

/** The events of single turns, for whoever answers one request with one turn or with a part of it. */
export class TurnFeed {
  constructor(private readonly ports: TurnFeedPorts) {}

  /**
   * The turn's events after `after`, in order, each durable before it is told: replayed first, then as they come. Completes
   * after the turn's end (`turn/completed`, `turn/cancelled`), after `parked`, or with the thread. To unsubscribe changes
   * nothing for the turn.
   */
  follow(request: TurnFeedRequest): Observable<TurnNews> {
    const { threadId, after, pace } = request;
    const whenDrained = async (): Promise<void> => {
      await pace?.whenDrained();
    };
    const paced = pace ? { isReady: () => pace.isReady } : {};
    return new Observable((subscriber) => {
      const emitter = new FeedEmitter(request, this.#toolNames(threadId), subscriber);
      const followed = follow(this.ports, { threadId, after, whenDrained, ...paced });
      subscriber.add(() => {
        emitter.stop();
      });
      subscriber.add(
        followed.subscribe({
          next: (news) => {
            if (news.type === 'batch') {
              emitter.tell(news.batch);
            } else if (news.type === 'live') {
              emitter.live();
            } else if (news.type === 'behind') {
              emitter.behind();
            }
          },
          complete: () => {
            subscriber.complete();
          },
          error: (error: unknown) => {
            subscriber.error(error);
          },
        }),
      );
    });
  }

  #toolNames(threadId: string): ReadonlySet<string> {
    const tools = this.ports.manager.findRecord(threadId)?.options.dynamic_tools;
    return new Set((Array.isArray(tools) ? (tools as Payload[]) : []).map(({ name }) => String(name)));
  }
}

/** Tells one subscriber of one turn. */
class FeedEmitter {
  readonly #gathering: CallCollector;
  readonly #turnId: string;
  #lastSeq: number;
  #isLive = false;
  #quiet: NodeJS.Timeout | undefined;

  constructor(
    { turnId, after }: TurnFeedRequest,
    toolNames: ReadonlySet<string>,
    private readonly subscriber: Subscriber<TurnNews>,
  ) {
    this.#turnId = turnId;
    this.#lastSeq = after;
    this.#gathering = new CallCollector(toolNames);
  }

  tell(batch: EventBatch): void {
    for (const stored of batch) {
      if (this.subscriber.closed) {
        return;
      }
      this.#lastSeq = stored.seq;
      if (stored.turnId === this.#turnId) {
        this.#tellEvent(toTurnEvent(stored));
      } else if (stored.name === 'thread/deleted') {
        this.subscriber.complete();
      }
    }
    this.#consider();
  }

  /** What was stored may be an old wait that is over: only of the present it can be said that the turn waits. */
  live(): void {
    this.#isLive = true;
    this.#consider();
  }

  behind(): void {
    this.#isLive = false;
    clearTimeout(this.#quiet);
  }

  stop(): void {
    clearTimeout(this.#quiet);
  }

  #tellEvent(event: TurnEvent): void {
    this.#gathering.take(event);
    this.subscriber.next({ type: 'event', event });
    if (isTurnEnd(event)) {
      this.subscriber.complete();
    }
  }

  #consider(): void {
    clearTimeout(this.#quiet);
    const readiness = this.#isLive && !this.subscriber.closed ? this.#gathering.readiness : 'not';
    if (readiness === 'now') {
      this.#park();
    } else if (readiness !== 'not') {
      const waitMs = readiness === 'when_quiet' ? QUIET_MS : SILENT_MS;
      this.#quiet = setTimeout(() => {
        this.#park();
      }, waitMs).unref();
    }
  }

  #park(): void {
    this.subscriber.next({ type: 'parked', calls: this.#gathering.calls, seq: this.#lastSeq });
    this.subscriber.complete();
  }
}
