import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { type Payload } from '../../core/engine/engine.js';
import { ThreadHistory } from '../../core/threads/thread-history.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type Thread } from '../../core/threads/thread.js';
import { requireAuthority } from '../../http/auth/require-authority.js';
import { findOperation } from '../../http/idempotency/keyed-answers.js';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { type Json, JsonText, toJson, withFields } from '../../http/json.js';
import { toTurnJson } from '../resources/turn.views.js';
import { CreateReviewDto, type ReviewTargetDto, StartReviewDto } from './reviews.dto.js';
import { ReviewDto } from './reviews.views.js';

@ApiTags('reviews')
@Controller('api/v2')
export class ReviewsController {
  constructor(
    private readonly manager: ThreadManager,
    private readonly history: ThreadHistory,
  ) {}

  /** In the thread itself, which must be idle. */
  @ApiOperation({ summary: 'Review changes in a thread' })
  @ApiAcceptedResponse({ type: ReviewDto, headers: { Location: { schema: { type: 'string' } } } })
  @Post('threads/:thread_id/reviews')
  @Idempotent()
  @HttpCode(202)
  @JsonText()
  async startReview(
    @Param('thread_id') threadId: string,
    @Body() { target }: StartReviewDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Json<ReviewDto>> {
    return this.#review(await this.manager.require(threadId), target, response);
  }

  @ApiOperation({ summary: 'Review changes in a thread', deprecated: true, description: 'Use `POST …/reviews`.' })
  @ApiAcceptedResponse({ type: ReviewDto })
  @Post('threads/:thread_id/review')
  @Idempotent()
  @HttpCode(202)
  @JsonText()
  async startReviewAlias(
    @Param('thread_id') threadId: string,
    @Body() body: StartReviewDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Json<ReviewDto>> {
    return this.startReview(threadId, body, response);
  }

  /** In a thread of its own. */
  @ApiOperation({ summary: 'Review changes in a new thread' })
  @ApiAcceptedResponse({ type: ReviewDto, headers: { Location: { schema: { type: 'string' } } } })
  @Post('reviews')
  @Idempotent()
  @HttpCode(202)
  @JsonText()
  async createReview(
    @Body() { target, cwd, model }: CreateReviewDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Json<ReviewDto>> {
    const options = { ...(cwd === undefined ? {} : { cwd }), ...(model === undefined ? {} : { model }) };
    const thread = await this.manager.create(options, requireAuthority(response.req), {}, findOperation(response.req));
    return this.#review(thread, target, response);
  }

  async #review(thread: Thread, target: ReviewTargetDto, response: Response): Promise<Json<ReviewDto>> {
    const turn = await thread.review(toTarget(target), requireAuthority(response.req), findOperation(response.req));
    const { threadId } = thread;
    response.location(`/api/v2/threads/${threadId}/turns/${turn.turnId}`);
    return withFields(toJson({ review_id: turn.turnId, thread_id: threadId }), {
      turn: toTurnJson(this.history.withItems(threadId, turn)),
    });
  }
}

/** With the keys that the engine wants of a target of this type. */
function toTarget({ type, branch, sha, title, instructions }: ReviewTargetDto): Payload {
  switch (type) {
    case 'uncommitted_changes':
      return { type };
    case 'base_branch':
      return { type, branch };
    case 'commit':
      return { type, sha, title: title ?? null };
    case 'custom':
      return { type, instructions };
  }
}
