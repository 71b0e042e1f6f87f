import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { lastValueFrom, Observable, takeUntil } from 'rxjs';
import { requireAuthority } from '../../http/auth/require-authority.js';
import { MaxBodyBytes } from '../../http/routing/route-metadata.js';
import { MayStream } from '../../http/sse/sse.js';
import { type EventStream } from '../../http/sse/event-stream.js';
import { toFrameStream } from '../../http/sse/event-frames.js';
import { ResponseSink } from '../../http/sse/response-sink.js';
import { type View } from '../../http/view.js';
import { zodRef } from '../../http/openapi/zod-components.js';
import { IGNORED_HEADERS } from '../openai/ignored-parameters.js';
import { RequestReader } from '../openai/request-reader.js';
import { CHAT_FORM } from './chat-form.js';
import { chatRequest } from './chat-request.js';
import { ChatRequests } from './chat-requests.js';
import { ChatCompletionChunkDto } from './chunks.views.js';
import { ChatCompletionDto } from './completions.views.js';
import { toCompletion, toFrames, toLastFrames } from './from-core.js';
import { CHAT_MODES } from './plan.js';

/** Images come as data URLs within the messages. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

@ApiTags('chat')
@ApiExtraModels(ChatCompletionChunkDto)
@Controller('v1/chat/completions')
export class ChatCompletionsController {
  readonly #requests: ChatRequests;
  readonly #reader: RequestReader;

  constructor(requests: ChatRequests, reader: RequestReader) {
    this.#requests = requests;
    this.#reader = reader;
  }

  /**
   * Answers as one JSON object, or with `stream: true` as server-sent events that end with `data: [DONE]`. The answer says
   * in `X-Codex-Thread` which thread it was made in.
   */
  @ApiOperation({ summary: 'Continue a conversation, as OpenAI chat completions do' })
  @ApiHeader({
    name: 'X-Codex-Mode',
    required: false,
    schema: { type: 'string', enum: [...CHAT_MODES], default: 'model' },
    description:
      '`model`: the bare model with the tools of the caller. `agent`: Codex with its own tools, in the workspace.',
  })
  @ApiHeader({
    name: 'X-Codex-Thread',
    required: false,
    schema: { type: 'string' },
    description: 'The thread to answer in, whatever stands in it; only what follows the last answer is new to it.',
  })
  @ApiOkResponse({
    description: 'The answer.',
    headers: {
      ...IGNORED_HEADERS,
      'X-Codex-Thread': { schema: { type: 'string' }, description: 'The thread that the answer was made in.' },
    },
    content: {
      'application/json': { schema: { $ref: getSchemaPath(ChatCompletionDto) } },
      'text/event-stream': { schema: { $ref: getSchemaPath(ChatCompletionChunkDto) } },
    },
  })
  @ApiExtraModels(ChatCompletionDto)
  @ApiBody({ schema: zodRef(chatRequest) })
  @HttpCode(200)
  @MaxBodyBytes(MAX_BODY_BYTES)
  @MayStream()
  @Post()
  async createChatCompletion(
    @Body() given: unknown,
    @Req() req: Request,
    @Res({ passthrough: true }) res: Response,
  ): Promise<EventStream | View<ChatCompletionDto>> {
    const body = this.#reader.read(CHAT_FORM, given, res);
    const headers = { mode: req.headers['x-codex-mode'], thread: req.headers['x-codex-thread'] };
    const pace = body.stream === true ? new ResponseSink(res) : undefined;
    const { ceiling } = requireAuthority(req);
    const { id, threadId, model, parts } = await this.#requests.answer(body, headers, ceiling, pace);
    res.setHeader('X-Codex-Thread', threadId);
    const head = { id, created: Math.floor(Date.now() / 1000), model: body.model ?? model ?? '' };
    const read = parts.pipe(takeUntil(whenGone(res)));
    return body.stream === true
      ? toFrameStream(toFrames(read, head, { hasUsage: body.stream_options?.include_usage === true }), toLastFrames)
      : lastValueFrom(toCompletion(read, head));
  }
}

/** Tells, after it was subscribed to, that nobody takes the answer any more. */
function whenGone(res: Response): Observable<undefined> {
  return new Observable((subscriber) => {
    const tell = (): void => {
      subscriber.next(undefined);
    };
    if (res.destroyed) {
      queueMicrotask(tell);
    }
    res.once('close', tell);
    return () => {
      res.off('close', tell);
    };
  });
}
