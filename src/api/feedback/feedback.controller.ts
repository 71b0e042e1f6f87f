import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { FeedbackService } from '../../core/feedback/feedback-service.js';
import { findOperationId } from '../../http/idempotency/keyed-answers.js';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { PageQueryDto } from '../../http/validation/page-query.dto.js';
import { type View } from '../../http/view.js';
import { SubmitFeedbackDto } from './feedback.dto.js';
import { FeedbackDto, FeedbackPageDto, FeedbackReceiptDto, toFeedback, toFeedbackReceipt } from './feedback.views.js';

@ApiTags('feedback')
@Controller('api/v2/feedback')
export class FeedbackController {
  constructor(private readonly service: FeedbackService) {}

  /** Durable when it is answered, and sent in the background until it arrives, where the server has a `SENTRY_DSN`. */
  @ApiOperation({ summary: 'Give feedback' })
  @ApiCreatedResponse({ type: FeedbackReceiptDto, headers: { Location: { schema: { type: 'string' } } } })
  @Post()
  @Idempotent()
  async submitFeedback(
    @Req() request: Request,
    @Body() body: SubmitFeedbackDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<View<FeedbackReceiptDto>> {
    const draft = {
      callerId: request.caller?.id ?? '',
      classification: body.classification,
      reason: body.reason ?? null,
      threadId: body.thread_id ?? null,
      includeLogs: body.include_logs ?? false,
    };
    const record = await this.service.submit(draft, findOperationId(request));
    response.location(`/api/v2/feedback/${record.feedbackId}`);
    return toFeedbackReceipt(record);
  }

  /** Newest first. */
  @ApiOperation({ summary: 'List feedback' })
  @ApiOkResponse({ type: FeedbackPageDto })
  @Get()
  listFeedback(@Query() query: PageQueryDto): View<FeedbackPageDto> {
    const { data, nextCursor } = this.service.list(query);
    return { data: data.map(toFeedback), next_cursor: nextCursor };
  }

  /** What was sent, and whether it has been delivered. */
  @ApiOperation({ summary: 'Get feedback' })
  @ApiOkResponse({ type: FeedbackDto })
  @Get(':feedback_id')
  getFeedback(@Param('feedback_id') feedbackId: string): View<FeedbackDto> {
    return toFeedback(this.service.require(feedbackId));
  }
}
