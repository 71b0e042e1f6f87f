import { Controller, Headers, Param, Query } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ResponseSink, SseSink } from '../../http/sse/response-sink.js';
import { type EventStream } from '../../http/sse/event-stream.js';
import { Sse } from '../../http/sse/sse.js';
import { EventFeed } from './event-feed.js';
import { EventStreamQueryDto } from './events.dto.js';
import { parseResumePoint } from './last-event-id.js';
import { EVENT_MODELS, STREAM_EVENT } from './stream-event-schema.js';
import { StreamOpening } from './stream-opening.js';

const LAST_EVENT_ID = { name: 'Last-Event-ID', required: false, description: 'Replays everything after this event.' };

/** OpenAPI 3.1 has no word for the frames of a stream; generators take the schema of an event stream for that of a frame. */
const FRAMES = {
  description: 'A stream of frames; the schema is that of the `data:` line of each.',
  content: { 'text/event-stream': { schema: STREAM_EVENT } },
};

@ApiTags('events')
@ApiExtraModels(...EVENT_MODELS)
@Controller('api/v2')
export class EventsController {
  constructor(
    private readonly feed: EventFeed,
    private readonly opening: StreamOpening,
  ) {}

  /**
   * Everything that happens in the thread, in order, with ids 1, 2, 3 … that have no holes and never restart. Begins with
   * a `stream/opened` frame (the thread, its active turn and pending approvals); then, if asked for, the replay; then
   * `stream/live` and what happens from then on. An event is durable before it is sent.
   */
  @ApiOperation({ summary: 'Stream the events of a thread' })
  @ApiHeader(LAST_EVENT_ID)
  @ApiOkResponse(FRAMES)
  @Sse('threads/:thread_id/events')
  async streamThreadEvents(
    @Param('thread_id') threadId: string,
    @Query() { after, named, types }: EventStreamQueryDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @SseSink() sink: ResponseSink,
  ): Promise<EventStream> {
    const resumeAfter = parseResumePoint(lastEventId, after);
    const opened = await this.opening.ofThread(threadId);
    // Whoever does not ask for a replay begins where the state of things was told, so that nothing falls in between.
    const from = resumeAfter ?? opened.latest_seq;
    return this.feed.open({ threadId, after: from, isNamed: named !== 'false', sink, opened, ...toTypes(types) });
  }

  /** The events of all threads, and those of none, in the server's own sequence. */
  @ApiOperation({ summary: 'Stream the events of all threads' })
  @ApiHeader(LAST_EVENT_ID)
  @ApiOkResponse(FRAMES)
  @Sse('events')
  streamEvents(
    @Query() { after, named, types }: EventStreamQueryDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @SseSink() sink: ResponseSink,
  ): EventStream {
    const resumeAfter = parseResumePoint(lastEventId, after);
    const opened = this.opening.ofServer();
    return this.feed.open({
      threadId: null,
      after: resumeAfter ?? opened.latest_seq,
      isNamed: named !== 'false',
      sink,
      opened,
      ...toTypes(types),
    });
  }
}

function toTypes(names: string | undefined): { types?: ReadonlySet<string> } {
  return names === undefined ? {} : { types: new Set(names.split(',').map((name) => name.trim())) };
}
