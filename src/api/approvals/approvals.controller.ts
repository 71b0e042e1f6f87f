import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request } from 'express';
import { type ApprovalQuery, ApprovalIndex } from '../../core/approvals/approval-index.js';
import { type ApprovalRecord } from '../../core/approvals/approval.js';
import { ServiceError } from '../../core/errors.js';
import { ThreadDirectory } from '../../core/threads/thread-directory.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { requireScope } from '../../http/auth/require-scope.js';
import { findOperation } from '../../http/idempotency/keyed-answers.js';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { type View } from '../../http/view.js';
import { ApprovalDto, toApproval } from '../resources/approval.views.js';
import { AnswerApprovalDto, ListApprovalsQueryDto } from './approvals.dto.js';
import { ApprovalPageDto } from './approvals.views.js';
import { toAnswer } from './to-answer.js';
import { NeedsScope } from '../../http/routing/route-metadata.js';

@ApiTags('approvals')
@Controller('api/v2')
export class ApprovalsController {
  constructor(
    private readonly manager: ThreadManager,
    private readonly directory: ThreadDirectory,
    private readonly approvals: ApprovalIndex,
  ) {}

  /** Of all threads; pending ones first, then the newest first. */
  @ApiOperation({ summary: 'List approvals' })
  @ApiOkResponse({ type: ApprovalPageDto })
  @Get('approvals')
  listApprovals(@Query() query: ListApprovalsQueryDto): View<ApprovalPageDto> {
    return this.#page(query);
  }

  /** Pending ones first, then the newest first. */
  @ApiOperation({ summary: 'List the approvals of a thread' })
  @ApiOkResponse({ type: ApprovalPageDto })
  @Get('threads/:thread_id/approvals')
  async listThreadApprovals(
    @Param('thread_id') threadId: string,
    @Query() query: ListApprovalsQueryDto,
  ): Promise<View<ApprovalPageDto>> {
    await this.directory.require(threadId);
    const { limit, cursor, status } = query;
    const filters = { ...(cursor === undefined ? {} : { cursor }), ...(status === undefined ? {} : { status }) };
    return this.#page({ threadId, limit, ...filters });
  }

  /** Also one that was answered already. */
  @ApiOperation({ summary: 'Get an approval' })
  @ApiOkResponse({ type: ApprovalDto })
  @Get('approvals/:approval_id')
  getApproval(@Param('approval_id') approvalId: string): View<ApprovalDto> {
    return toApproval(this.#require(approvalId));
  }

  /** Also one that was answered already. */
  @ApiOperation({ summary: 'Get an approval of a thread' })
  @ApiOkResponse({ type: ApprovalDto })
  @Get('threads/:thread_id/approvals/:approval_id')
  async getThreadApproval(
    @Param('thread_id') threadId: string,
    @Param('approval_id') approvalId: string,
  ): Promise<View<ApprovalDto>> {
    await this.directory.require(threadId);
    return toApproval(this.#require(approvalId, threadId));
  }

  /**
   * Answered once: a second answer is 409, one that comes too late 410. `approval_id` is the approval's own id, or the id
   * of the item that it is about, as long as that names one pending approval. `amendments` need the scope `admin` as well, since
   * they hold for all threads, for good; `approve_for_session` ends with the thread and does not.
   */
  @ApiOperation({ summary: 'Answer an approval' })
  @ApiOkResponse({ type: ApprovalDto })
  @NeedsScope('approve')
  @Post('threads/:thread_id/approvals/:approval_id')
  @Idempotent()
  @HttpCode(200)
  async answerApproval(
    @Param('thread_id') threadId: string,
    @Param('approval_id') approvalId: string,
    @Body() body: AnswerApprovalDto,
    @Req() req: Request,
  ): Promise<View<ApprovalDto>> {
    if (body.amendments !== undefined) {
      requireAdmin(req);
    }
    const thread = await this.manager.require(threadId);
    return toApproval(await thread.answer(approvalId, toAnswer(body), findOperation(req)));
  }

  #require(approvalId: string, threadId?: string): ApprovalRecord {
    const approval = this.approvals.find(approvalId);
    if (!approval || (threadId !== undefined && approval.threadId !== threadId)) {
      throw new ServiceError('approval_not_found', 'There is no such approval.');
    }
    return approval;
  }

  #page(query: ApprovalQuery): View<ApprovalPageDto> {
    const { data, nextCursor } = this.approvals.list(query);
    return { data: data.map(toApproval), next_cursor: nextCursor };
  }
}

/** Throws `forbidden` for a token that may answer, but not change what holds for all threads. */
function requireAdmin({ caller, res }: Request): void {
  if (!caller || !res) {
    throw new ServiceError('unauthorized', 'Send the token of this server.');
  }
  requireScope(caller, 'admin', res);
}
