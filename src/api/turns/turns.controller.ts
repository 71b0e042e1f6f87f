import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { Attachments } from '../../core/attachments/attachments.js';
import { ServiceError } from '../../core/errors.js';
import { ThreadHistory } from '../../core/threads/thread-history.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type TurnRecord } from '../../core/turns/turn-record.js';
import { requireAuthority } from '../../http/auth/require-authority.js';
import { requireCallerId } from '../../http/auth/require-caller-id.js';
import { findOperation } from '../../http/idempotency/keyed-answers.js';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { type Json, JsonText, storedJson, toJson, toJsonPage, withFields } from '../../http/json.js';
import { TurnDto, toTurnJson } from '../resources/turn.views.js';
import { TurnOptionsPolicy } from './turn-options-policy.js';
import {
  HistoryQueryDto,
  InterruptTurnDto,
  ListItemsQueryDto,
  ListTurnsQueryDto,
  SteerTurnDto,
  SubmitTurnDto,
} from './turns.dto.js';
import { ItemPageDto, TurnPageDto } from './turns.views.js';

@ApiTags('turns')
@Controller('api/v2/threads/:thread_id')
export class TurnsController {
  constructor(
    private readonly manager: ThreadManager,
    private readonly history: ThreadHistory,
    private readonly policy: TurnOptionsPolicy,
    private readonly attachments: Attachments,
  ) {}

  /**
   * Durable when it is answered: it will run, also after a crash. It is `in_progress` when the thread was idle, else
   * `queued` behind the turn that runs, unless `on_busy` says otherwise.
   */
  @ApiOperation({ summary: 'Submit a turn' })
  @ApiAcceptedResponse({ type: TurnDto, headers: { Location: { schema: { type: 'string' } } } })
  @Post('turns')
  @HttpCode(202)
  @Idempotent()
  @JsonText()
  async submitTurn(
    @Param('thread_id') threadId: string,
    @Body() { input, on_busy: onBusy = 'queue', ...options }: SubmitTurnDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Json<TurnDto>> {
    const allowed = await this.policy.check(options);
    const thread = await this.manager.require(threadId);
    const operation = findOperation(response.req);
    // What an accepted turn refers to was claimed with it, and may be gone when its retry comes.
    if (!operation?.isRetry || !thread.findTurn(operation.id)) {
      await this.attachments.claim(requireCallerId(response.req), input, threadId);
    }
    const named = operation && { turnId: operation.id, isRetry: operation.isRetry };
    const authority = requireAuthority(response.req);
    const turn = await thread.submit({ input, options: allowed, authority, ...named }, onBusy);
    response.location(`/api/v2/threads/${threadId}/turns/${turn.turnId}`);
    return this.#json(threadId, turn);
  }

  /** Newest first unless told otherwise. */
  @ApiOperation({ summary: 'List the turns of a thread' })
  @ApiOkResponse({ type: TurnPageDto })
  @Get('turns')
  @JsonText()
  async listTurns(@Param('thread_id') threadId: string, @Query() query: ListTurnsQueryDto): Promise<Json<TurnPageDto>> {
    const { status } = query;
    const page = await this.history.listTurns(threadId, {
      ...toHistoryQuery(query, 'desc'),
      ...(status === undefined ? {} : { status }),
    });
    return toJsonPage(page.data.map(toTurnJson), page.nextCursor);
  }

  /** With all of its items so far; can be polled instead of following the stream. */
  @ApiOperation({ summary: 'Get a turn' })
  @ApiOkResponse({ type: TurnDto })
  @Get('turns/:turn_id')
  @JsonText()
  async getTurn(@Param('thread_id') threadId: string, @Param('turn_id') turnId: string): Promise<Json<TurnDto>> {
    return toTurnJson(await this.history.requireTurnWithItems(threadId, turnId));
  }

  /** Oldest first unless told otherwise. */
  @ApiOperation({ summary: 'List the items of a thread' })
  @ApiOkResponse({ type: ItemPageDto })
  @Get('items')
  @JsonText()
  async listItems(@Param('thread_id') threadId: string, @Query() query: ListItemsQueryDto): Promise<Json<ItemPageDto>> {
    const { turn_id: turnId } = query;
    const page = await this.history.listItems(threadId, {
      ...toHistoryQuery(query, 'asc'),
      ...(turnId === undefined ? {} : { turnId }),
    });
    const entries = page.data.map(({ turnId: id, json }) =>
      withFields(toJson({ turn_id: id }), { item: storedJson<unknown>(json) }),
    );
    return toJsonPage(entries, page.nextCursor);
  }

  /** Ends the turn that runs now, and its commands. The event stream says when it has ended. */
  @ApiOperation({ summary: 'Interrupt the active turn' })
  @ApiOkResponse({ type: TurnDto })
  @Post('turns/interrupt')
  @Idempotent()
  @HttpCode(200)
  @JsonText()
  async interruptActiveTurn(
    @Param('thread_id') threadId: string,
    @Body() { turn_id: turnId }: InterruptTurnDto,
  ): Promise<Json<TurnDto>> {
    const thread = await this.manager.require(threadId);
    const { activeTurn: active } = thread;
    if (!active) {
      throw new ServiceError('turn_not_active', 'No turn is running in this thread.');
    }
    if (turnId !== undefined && turnId !== active.turnId) {
      throw new ServiceError('turn_not_active', 'Another turn than this one is running.', {
        fields: [{ path: 'turn_id', message: `is not the active turn, ${active.turnId}` }],
      });
    }
    return this.#json(threadId, await thread.interrupt(active.turnId));
  }

  /** Ends a turn that runs; cancels one that waits. */
  @ApiOperation({ summary: 'Interrupt or cancel a turn' })
  @ApiOkResponse({ type: TurnDto })
  @Post('turns/:turn_id/interrupt')
  @Idempotent()
  @HttpCode(200)
  @JsonText()
  async interruptTurn(@Param('thread_id') threadId: string, @Param('turn_id') turnId: string): Promise<Json<TurnDto>> {
    const thread = await this.manager.require(threadId);
    return this.#json(threadId, await thread.interrupt(turnId));
  }

  /** Adds input to a turn while it runs. */
  @ApiOperation({ summary: 'Steer a running turn' })
  @ApiOkResponse({ type: TurnDto })
  @Post('turns/:turn_id/steer')
  @Idempotent()
  @HttpCode(200)
  @JsonText()
  async steerTurn(
    @Param('thread_id') threadId: string,
    @Param('turn_id') turnId: string,
    @Body() { input }: SteerTurnDto,
    @Req() req: Request,
  ): Promise<Json<TurnDto>> {
    const thread = await this.manager.require(threadId);
    await this.attachments.claim(requireCallerId(req), input, threadId);
    return this.#json(threadId, await thread.steer(turnId, input, requireAuthority(req), findOperation(req)));
  }

  #json(threadId: string, turn: TurnRecord): Json<TurnDto> {
    return toTurnJson(this.history.withItems(threadId, turn));
  }
}

function toHistoryQuery(
  { limit, cursor, sort_direction }: HistoryQueryDto,
  byDefault: 'asc' | 'desc',
): { limit: number; cursor?: string; sortDirection: 'asc' | 'desc' } {
  return { limit, sortDirection: sort_direction ?? byDefault, ...(cursor === undefined ? {} : { cursor }) };
}
