import { Controller, Headers, Param, Query } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Observable } from 'rxjs';
import { ApprovalIndex } from '../../core/approvals/approval-index.js';
import { EventLog } from '../../core/events/event-log.js';
import { ThreadDirectory } from '../../core/threads/thread-directory.js';
import { ThreadHistory } from '../../core/threads/thread-history.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { ResponseSink, SseSink } from '../../http/sse/response-sink.js';
import { type SseChunk } from '../../http/sse/sse-chunk.js';
import { Sse } from '../../http/sse/sse.js';
import { toApproval } from '../resources/approval.views.js';
import { toThreadText } from '../resources/thread.views.js';
import { toTurnText } from '../resources/turn.views.js';
import { EventFeed } from './event-feed.js';
import { AllEventsQueryDto, EventStreamQueryDto } from './events.dto.js';
import { parseResumePoint } from './last-event-id.js';

const LAST_EVENT_ID = { name: 'Last-Event-ID', required: false, description: 'Replays everything after this event.' };

@ApiTags('events')
@Controller('api/v2')
export class EventsController {
  constructor(
    private readonly feed: EventFeed,
    private readonly log: EventLog,
    private readonly manager: ThreadManager,
    private readonly directory: ThreadDirectory,
    private readonly history: ThreadHistory,
    private readonly approvals: ApprovalIndex,
  ) {}

  /**
   * Everything that happens in the thread, in order, with ids 1, 2, 3 … that have no holes and never restart. Begins with
   * a `stream/opened` frame (the thread, its active turn and pending approvals); then, if asked for, the replay; then
   * `stream/live` and what happens from then on. An event is durable before it is sent.
   */
  @ApiOperation({ summary: 'Stream the events of a thread' })
  @ApiHeader(LAST_EVENT_ID)
  @Sse('threads/:thread_id/events')
  async streamThreadEvents(
    @Param('thread_id') threadId: string,
    @Query() { after, named }: EventStreamQueryDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @SseSink() sink: ResponseSink,
  ): Promise<Observable<SseChunk>> {
    const resumeAfter = parseResumePoint(lastEventId, after);
    await this.directory.require(threadId);
    // Nothing may happen between what is told as the state of things and the place where the stream begins.
    const opened = this.#openedThread(threadId);
    return this.feed.open({ threadId, after: resumeAfter, isNamed: named !== 'false', sink, opened });
  }

  /** The events of all threads, and those of none, in the server's own sequence. */
  @ApiOperation({ summary: 'Stream the events of all threads' })
  @ApiHeader(LAST_EVENT_ID)
  @Sse('events')
  streamEvents(
    @Query() { after, named, types }: AllEventsQueryDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @SseSink() sink: ResponseSink,
  ): Observable<SseChunk> {
    const opened = {
      pending_approvals: this.approvals.pending().map(toApproval),
      latest_seq: this.log.bounds(null).latestSeq,
    };
    return this.feed.open({
      threadId: null,
      after: parseResumePoint(lastEventId, after),
      isNamed: named !== 'false',
      sink,
      opened,
      ...(types === undefined ? {} : { types: new Set(types.split(',').map((name) => name.trim())) }),
    });
  }

  #openedThread(threadId: string): unknown {
    const snapshot = this.directory.requireKnown(threadId);
    const live = this.manager.findLive(threadId);
    const active = live?.turns.active;
    return {
      thread: JSON.parse(toThreadText(snapshot)) as unknown,
      active_turn: active ? (JSON.parse(toTurnText(this.history.withItems(threadId, active))) as unknown) : null,
      pending_approvals: (live?.approvals.pending ?? this.approvals.pending(threadId)).map(toApproval),
      latest_seq: snapshot.latestSeq,
    };
  }
}
