import { Injectable } from '@nestjs/common';
import { concat, concatMap, from } from 'rxjs';
import { EventRecorder } from '../../core/events/event-recorder.js';
import { type Authority } from '../../core/permissions/authority.js';
import { type Thread } from '../../core/threads/thread.js';
import { followToEnd } from '../../core/turns/follow-to-end.js';
import { TurnFeed } from '../../core/turns/turn-feed.js';
import { type EventStream } from '../../http/sse/event-stream.js';
import { toFrameStream } from '../../http/sse/event-frames.js';
import { type SseSink } from '../../http/sse/response-sink.js';
import { toMessageError } from './errors.js';
import { type EventMsg } from './event-msg/event-msg.js';
import { EventTranslator, toSessionConfigured } from './from-core.js';

export interface SessionRun {
  thread: Thread;
  message: string;
  /** Told after `session_configured`. */
  before?: readonly EventMsg[];
  sink: SseSink;
  authority: Authority;
}

/** Runs messages and tells of it. */
@Injectable()
export class SessionRuns {
  constructor(
    private readonly recorder: EventRecorder,
    private readonly feed: TurnFeed,
  ) {}

  /** Once this resolves the message is accepted, and its run goes on whoever listens. */
  async begin({ thread, message, before = [], sink, authority }: SessionRun): Promise<EventStream> {
    const { threadId } = thread;
    const after = this.recorder.committedSeq(threadId);
    const request = { input: [{ type: 'text', text: message }], options: {}, authority };
    const { turnId } = await thread.submit(request, 'reject');
    const translator = new EventTranslator();
    const events = followToEnd(this.feed, { threadId, turnId, after, pace: sink }).pipe(
      concatMap((event) => translator.take(event).map((data) => ({ id: String(event.seq), data }))),
    );
    const opening = [toSessionConfigured(thread.record), ...before].map((data) => ({ data }));
    return toFrameStream(concat(from(opening), events), (error) => [{ data: toMessageError(error) }]);
  }
}
