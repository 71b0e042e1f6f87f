import { Observable, type Subscriber, type Subscription } from 'rxjs';
import { type EventBatch } from './event.js';
import { type EventBus } from './event-bus.js';
import { type EventBounds, type EventLog } from './event-log.js';

const MAX_PAGE_EVENTS = 500;
const MIN_PAGE_EVENTS = 8;
/** Nobody knows yet how large the events are. */
const FIRST_PAGE_EVENTS = 32;
/** About how much a page is to hold: a page of many large events would fill the memory of each reader that replays. */
const PAGE_CHARACTERS = 256 * 1024;

export type Followed =
  | { type: 'batch'; batch: EventBatch }
  /**
   * What follows `requested` is not kept (any more, or yet): the stream goes on with `earliestSeq`. On the server-wide
   * sequence there may be several, since events of one thread go while those around them stay.
   */
  | ({ type: 'gap'; requested: number } & EventBounds)
  /** All that was stored has been told; from here on events come as they happen. */
  | { type: 'live' }
  /** The reader can't keep up: what happens is told out of the log from here on, until `live` is told again. */
  | { type: 'behind' };

export interface FollowSource {
  log: EventLog;
  bus: EventBus;
}

export interface FollowRequest {
  /** `null`: the server-wide sequence. */
  threadId: string | null;
  /** The last number that the reader has. */
  after: number;
  /** Resolves when the reader can take more; the log is read a page at a time, never ahead of the reader. */
  whenDrained: () => Promise<void>;
  /**
   * Whether the reader can take more right now. With it, one that can't is told what happens meanwhile out of the log, when
   * it can, instead of all at once; and the stream completes when the log is deleted before that.
   */
  isReady?: () => boolean;
}

/**
 * Replay, then live, with no hole and no repeat. The log is read to near its end, each page when the reader has taken the
 * one before; then the bus is joined, and the rest of the log is read: whatever was published before the join is in the
 * log by then, and whatever comes after it is kept until that last read is through. Numbers decide what has been told, and
 * a number that is passed over is always told as a gap: the reader can tell what is gone from what it was not sent.
 */
export function follow(source: FollowSource, request: FollowRequest): Observable<Followed> {
  return new Observable((subscriber) => {
    const follower = new Follower(source, request, subscriber);
    follower.run().catch((error: unknown) => {
      subscriber.error(error);
    });
    return () => {
      follower.stop();
    };
  });
}

class Follower {
  readonly #numberOf: (event: EventBatch[number]) => number;
  #last = 0;
  #pageEvents = FIRST_PAGE_EVENTS;
  #pending: EventBatch[] | undefined;
  #subscription: Subscription | undefined;

  constructor(
    private readonly source: FollowSource,
    private readonly request: FollowRequest,
    private readonly subscriber: Subscriber<Followed>,
  ) {
    this.#numberOf = request.threadId === null ? (event) => event.globalSeq : (event) => event.seq;
  }

  async run(): Promise<void> {
    const { after, threadId } = this.request;
    const bounds = this.source.log.bounds(threadId);
    this.#last = this.#startFrom(after, bounds);
    await this.#catchUp();
  }

  stop(): void {
    this.#subscription?.unsubscribe();
    this.#pending = undefined;
  }

  async #catchUp(): Promise<void> {
    await this.#replay();
    this.#join();
    // What is left is little as a rule: it came in while the last page was taken.
    while (await this.#tellPage({ isWaiting: false })) {
      if (this.#isBehind()) {
        this.stop();
        return this.#catchUp();
      }
    }
    if (this.subscriber.closed) {
      return;
    }
    if (this.#isLogGone()) {
      this.subscriber.complete();
      return;
    }
    const pending = this.#pending ?? [];
    this.#pending = undefined;
    for (const batch of pending) {
      this.#tell(batch);
    }
    this.subscriber.next({ type: 'live' });
  }

  #isBehind(): boolean {
    return this.request.isReady?.() === false;
  }

  /** It went with its thread, whose last event a reader who was behind has missed. */
  #isLogGone(): boolean {
    const { isReady, threadId } = this.request;
    return isReady !== undefined && this.source.log.bounds(threadId).latestSeq < this.#last;
  }

  #startFrom(after: number, bounds: EventBounds): number {
    if (after > bounds.latestSeq || after + 1 < bounds.earliestSeq) {
      this.subscriber.next({ type: 'gap', requested: after, ...bounds });
      return bounds.earliestSeq - 1;
    }
    return after;
  }

  #join(): void {
    this.#pending = [];
    this.#subscription = this.source.bus.batches(this.request.threadId).subscribe((batch) => {
      if (this.#pending) {
        this.#pending.push(batch);
      } else if (this.request.isReady && (this.#isBehind() || sizeOf(batch) > PAGE_CHARACTERS) && !isLast(batch)) {
        this.#fallBehind();
      } else {
        this.#tell(batch);
      }
    });
  }

  #fallBehind(): void {
    this.stop();
    this.subscriber.next({ type: 'behind' });
    this.#catchUp().catch((error: unknown) => {
      this.subscriber.error(error);
    });
  }

  /** Reads on until a page came out short and was taken. */
  async #replay(): Promise<void> {
    let isMore = true;
    while (isMore) {
      await this.request.whenDrained();
      isMore = await this.#tellPage({ isWaiting: true });
    }
    await this.request.whenDrained();
  }

  /** Tells the next page of the log; false when nothing lies behind it, or nobody listens any more. */
  async #tellPage({ isWaiting }: { isWaiting: boolean }): Promise<boolean> {
    if (this.subscriber.closed) {
      return false;
    }
    const { threadId } = this.request;
    const limit = this.#pageEvents;
    // Before the read: what is stored meanwhile is then in the page, or comes over the bus.
    const { latestSeq } = this.source.log.bounds(threadId);
    const page = await this.source.log.read(threadId, this.#last, limit);
    this.#pageEvents = fittingCount(page, limit);
    await this.#tellPieces(page, isWaiting);
    if (page.length === limit) {
      return true;
    }
    this.#tellGapBefore(latestSeq + 1);
    return false;
  }

  /** The page as it is, or the pieces of one that has holes or turned out larger than pages are to be. */
  async #tellPieces(page: EventBatch, isWaiting: boolean): Promise<void> {
    let start = 0;
    let characters = 0;
    for (let index = 0; index < page.length; index += 1) {
      const isHole = index > 0 && this.#numberAt(page, index) !== this.#numberAt(page, index - 1) + 1;
      if (isHole || characters > PAGE_CHARACTERS) {
        this.#tell(page.slice(start, index));
        start = index;
        characters = 0;
        if (isWaiting) {
          await this.request.whenDrained();
        }
      }
      characters += page[index]?.data.length ?? 0;
    }
    this.#tell(start === 0 ? page : page.slice(start));
  }

  #numberAt(page: EventBatch, index: number): number {
    const event = page[index];
    return event ? this.#numberOf(event) : NaN;
  }

  /** Nothing when `next` is the next number. */
  #tellGapBefore(next: number): void {
    if (next > this.#last + 1) {
      const { latestSeq } = this.source.log.bounds(this.request.threadId);
      const gap = { requested: this.#last, earliestSeq: next, latestSeq: Math.max(latestSeq, next - 1) };
      this.subscriber.next({ type: 'gap', ...gap });
      this.#last = next - 1;
    }
  }

  /** Tells what is new of a batch: all of it in nearly every case, as the very array that others get too. */
  #tell(batch: EventBatch): void {
    const first = batch[0];
    const last = batch.at(-1);
    if (first === undefined || last === undefined || this.#numberOf(last) <= this.#last) {
      return;
    }
    this.#tellGapBefore(this.#numberOf(first));
    const isNew = this.#numberOf(first) > this.#last;
    const news = isNew ? batch : batch.filter((event) => this.#numberOf(event) > this.#last);
    this.#last = this.#numberOf(last);
    this.subscriber.next({ type: 'batch', batch: news });
  }
}

/** How many events the next page is to have, if they are like these. */
function fittingCount(page: EventBatch, limit: number): number {
  const characters = sizeOf(page);
  if (characters === 0) {
    return limit;
  }
  return Math.min(MAX_PAGE_EVENTS, Math.max(MIN_PAGE_EVENTS, Math.floor((PAGE_CHARACTERS * page.length) / characters)));
}

function sizeOf(batch: EventBatch): number {
  return batch.reduce((sum, { data }) => sum + data.length, 0);
}

/** The log goes with the thread: nothing could be read of it later. */
const isLast = (batch: EventBatch): boolean => batch.at(-1)?.name === 'thread/deleted';
