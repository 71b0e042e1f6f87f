import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request } from 'express';
import { ServiceError } from '../../core/errors.js';
import { requireAuthority } from '../../http/auth/require-authority.js';
import { requireScope } from '../../http/auth/require-scope.js';
import { zodRef } from '../../http/openapi/zod-components.js';
import { MayStream } from '../../http/sse/sse.js';
import { type EventStream } from '../../http/sse/event-stream.js';
import { ResponseSink, SseSink } from '../../http/sse/response-sink.js';
import { eventMsg } from './event-msg/event-msg.js';
import { type Cancelled, type Confirmed, messageAnswer, postedMessage, type PostedMessage } from './messages.dto.js';
import { SessionAnswers } from './session-answers.js';
import { SessionEdits } from './session-edits.js';
import { Sessions } from './sessions.js';

@ApiTags('messages')
@Controller('messages')
export class MessagesController {
  constructor(
    private readonly sessions: Sessions,
    private readonly edits: SessionEdits,
    private readonly answers: SessionAnswers,
  ) {}

  /**
   * `user_message` and `user_edit` are answered with a stream: a `data:` line of JSON for each event of the agent, with its
   * kind as `type`, from `session_configured` to `task_complete` or `turn_aborted`. The `id:` of a frame is the number of
   * the event in the thread, for `GET /api/v2/threads/{thread_id}/events?after=`. A client that goes away stops nothing.
   * `user_confirm` and `user_cancel` are answered with JSON.
   */
  @ApiOperation({ summary: 'Send a message to the agent' })
  @ApiOkResponse({
    description: 'The stream of a run, or the answer to what starts none.',
    content: {
      'text/event-stream': { schema: zodRef(eventMsg) },
      'application/json': { schema: zodRef(messageAnswer) },
    },
  })
  @Post()
  @HttpCode(200)
  @MayStream()
  postMessage(
    @Body({ schema: postedMessage }) message: PostedMessage,
    @SseSink() sink: ResponseSink,
    @Req() req: Request,
  ): Promise<EventStream | Confirmed | Cancelled> {
    switch (message.type) {
      case 'user_message':
        return this.sessions.start(message, sink, requireAuthority(req));
      case 'user_edit':
        return this.edits.edit(message, sink, requireAuthority(req));
      case 'user_confirm':
        requireApprover(req);
        return this.answers.confirm(message);
      case 'user_cancel':
        return this.answers.cancel(message);
    }
  }
}

/** The route itself needs no more than to write, since most messages are none of approvals. */
function requireApprover({ caller, res }: Request): void {
  if (!caller || !res) {
    throw new ServiceError('unauthorized', 'Send the token of this server.');
  }
  requireScope(caller, 'approve', res);
}
