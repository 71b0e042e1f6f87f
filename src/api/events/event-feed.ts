import { Injectable } from '@nestjs/common';
import { Observable } from 'rxjs';
import { type EventBatch } from '../../core/events/event.js';
import { EventBus } from '../../core/events/event-bus.js';
import { EventLog } from '../../core/events/event-log.js';
import { follow, type Followed } from '../../core/events/follow.js';
import { type EventStream, toNativeStream } from '../../http/sse/event-stream.js';
import { type FrameForm, type SseChunk, toChunk, toControlChunk } from '../../http/sse/sse-chunk.js';
import { type SseSink } from '../../http/sse/response-sink.js';

export interface FeedRequest {
  /** `null`: all threads. */
  threadId: string | null;
  after: number;
  isNamed: boolean;
  /** Only events of these names; all when absent. */
  types?: ReadonlySet<string>;
  sink: SseSink;
  /** What `stream/opened` tells. */
  opened: object;
}

/** Makes the frames of one subscriber's stream out of the log and the bus. */
@Injectable()
export class EventFeed {
  constructor(
    private readonly log: EventLog,
    private readonly bus: EventBus,
  ) {}

  open({ threadId, after, isNamed, types, sink, opened }: FeedRequest): EventStream {
    const form = toForm(threadId, isNamed);
    const whenDrained = async (): Promise<void> => {
      await sink.whenDrained();
    };
    const followed = follow({ log: this.log, bus: this.bus }, { threadId, after, whenDrained });
    const chunks = toChunks(followed, { threadId, form, types });
    return toNativeStream(beginningWith(toControlChunk('stream/opened', opened, form), chunks), isNamed);
  }
}

interface ChunkForm {
  threadId: string | null;
  form: FrameForm;
  types: ReadonlySet<string> | undefined;
}

/** One subscriber in place of three operators: an idle stream is little more than its closures. */
function toChunks(followed: Observable<Followed>, { threadId, form, types }: ChunkForm): Observable<SseChunk> {
  return new Observable((subscriber) =>
    followed.subscribe({
      next: (news) => {
        const chunk = toNewsChunk(news, form, types);
        if (chunk) {
          subscriber.next(chunk);
        }
        if (isEnd(threadId, news)) {
          subscriber.complete();
        }
      },
      error: (error: unknown) => {
        subscriber.error(error);
      },
    }),
  );
}

/** `concat` would keep its first part for as long as the last one runs: a tenth of an idle stream's heap (measured). */
function beginningWith(first: SseChunk, chunks: Observable<SseChunk>): Observable<SseChunk> {
  return new Observable((subscriber) => {
    subscriber.next(first);
    return chunks.subscribe(subscriber);
  });
}

/** A deleted thread says nothing more. */
function isEnd(threadId: string | null, news: Followed): boolean {
  return threadId !== null && news.type === 'batch' && news.batch.at(-1)?.name === 'thread/deleted';
}

function toForm(threadId: string | null, isNamed: boolean): FrameForm {
  if (threadId === null) {
    return isNamed ? 'global' : 'global-unnamed';
  }
  return isNamed ? 'thread' : 'thread-unnamed';
}

function toNewsChunk(news: Followed, form: FrameForm, types: ReadonlySet<string> | undefined): SseChunk | undefined {
  switch (news.type) {
    case 'gap': {
      const { requested, earliestSeq, latestSeq } = news;
      return toControlChunk('stream/gap', { requested, earliest_seq: earliestSeq, latest_seq: latestSeq }, form);
    }
    case 'live':
      return toControlChunk('stream/live', {}, form);
    case 'behind':
      return undefined;
    case 'batch': {
      const batch = types ? chosen(news.batch, types) : news.batch;
      return batch.length === 0 ? undefined : toChunk(batch, form);
    }
  }
}

function chosen(batch: EventBatch, types: ReadonlySet<string>): EventBatch {
  return batch.filter(({ name }) => types.has(name));
}
