import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { ThreadDirectory } from '../../core/threads/thread-directory.js';
import { ThreadLifecycle } from '../../core/threads/thread-lifecycle.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { type Thread } from '../../core/threads/thread.js';
import { requireAuthority } from '../../http/auth/require-authority.js';
import { findOperation } from '../../http/idempotency/keyed-answers.js';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { type View } from '../../http/view.js';
import { PageCache } from '../../http/page-cache.js';
import { type Json, type JsonBytes, JsonText, toJson, toJsonPage, withFields } from '../../http/json.js';
import { PageQueryDto } from '../../http/validation/page-query.dto.js';
import {
  CreateThreadDto,
  ForkThreadDto,
  ListThreadsQueryDto,
  ResumeThreadDto,
  RollbackThreadDto,
  UpdateThreadDto,
} from './threads.dto.js';
import { ThreadDto, toThreadJson } from '../resources/thread.views.js';
import { ForkedThreadDto, LoadedThreadsDto, RolledBackThreadDto, ThreadPageDto } from './threads.views.js';

@ApiTags('threads')
@Controller('api/v2/threads')
export class ThreadsController {
  readonly #pages = new PageCache<ThreadPageDto>();

  constructor(
    private readonly manager: ThreadManager,
    private readonly lifecycle: ThreadLifecycle,
    private readonly directory: ThreadDirectory,
  ) {}

  /** A thread is where a conversation and its work happen. Nothing runs until a turn is submitted. */
  @ApiOperation({ summary: 'Create a thread' })
  @ApiCreatedResponse({ type: ThreadDto, headers: { Location: { schema: { type: 'string' } } } })
  @Post()
  @Idempotent()
  @JsonText()
  async createThread(
    @Body() body: CreateThreadDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Json<ThreadDto>> {
    const { name, metadata, ...options } = body;
    const labels = { ...(name === undefined ? {} : { name }), ...(metadata === undefined ? {} : { metadata }) };
    const operation = findOperation(response.req);
    const thread = await this.manager.create(options, requireAuthority(response.req), labels, operation);
    response.location(`/api/v2/threads/${thread.threadId}`);
    return this.#json(thread);
  }

  /** Newest first unless told otherwise, threads of other Codex clients in the same Codex home included. */
  @ApiOperation({ summary: 'List threads' })
  @ApiOkResponse({ type: ThreadPageDto })
  @Get()
  @JsonText()
  listThreads(@Query() query: ListThreadsQueryDto, @Req() { url }: Request): JsonBytes<ThreadPageDto> {
    return this.#pages.get(url, this.directory.listRevision, () => this.#listJson(query));
  }

  /** What the engine holds in memory now; every other thread is loaded when it is next used. */
  @ApiOperation({ summary: 'List the ids of loaded threads' })
  @ApiOkResponse({ type: LoadedThreadsDto })
  @Get('loaded')
  listLoadedThreads(@Query() { limit, cursor }: PageQueryDto): View<LoadedThreadsDto> {
    const { data, nextCursor } = this.directory.listLoaded(limit, cursor);
    return { data, next_cursor: nextCursor };
  }

  /** What is stored of it and what the engine says of it now; it is not loaded by that. */
  @ApiOperation({ summary: 'Get a thread' })
  @ApiOkResponse({ type: ThreadDto })
  @Get(':thread_id')
  @JsonText()
  getThread(@Param('thread_id') threadId: string): Json<ThreadDto> | Promise<Json<ThreadDto>> {
    const known = this.directory.find(threadId);
    return known ? toThreadJson(known) : this.directory.require(threadId).then(toThreadJson);
  }

  /** Changes the name, the metadata (as a whole) or both. */
  @ApiOperation({ summary: 'Rename a thread or change its metadata' })
  @ApiOkResponse({ type: ThreadDto })
  @Patch(':thread_id')
  @JsonText()
  async updateThread(@Param('thread_id') threadId: string, @Body() body: UpdateThreadDto): Promise<Json<ThreadDto>> {
    return this.#json(await this.lifecycle.update(threadId, body));
  }

  /** With its history and its events, for good. Refused while a turn is in progress or a fork refers to its history. */
  @ApiOperation({ summary: 'Delete a thread' })
  @ApiNoContentResponse()
  @Delete(':thread_id')
  @HttpCode(204)
  async deleteThread(@Param('thread_id') threadId: string): Promise<void> {
    await this.lifecycle.delete(threadId);
  }

  /** Happens by itself when a turn is submitted; this is for doing it beforehand, or with other options. */
  @ApiOperation({ summary: 'Load a thread into the engine' })
  @ApiOkResponse({ type: ThreadDto })
  @Post(':thread_id/resume')
  @Idempotent()
  @HttpCode(200)
  @JsonText()
  async resumeThread(
    @Param('thread_id') threadId: string,
    @Body() { ...options }: ResumeThreadDto,
    @Req() req: Request,
  ): Promise<Json<ThreadDto>> {
    return this.#json(await this.lifecycle.resume(threadId, options, requireAuthority(req)));
  }

  /** A new thread with the history of this one, up to and with `turn_id`. */
  @ApiOperation({ summary: 'Fork a thread' })
  @ApiCreatedResponse({ type: ForkedThreadDto, headers: { Location: { schema: { type: 'string' } } } })
  @Post(':thread_id/fork')
  @Idempotent()
  @JsonText()
  async forkThread(
    @Param('thread_id') threadId: string,
    @Body() { turn_id, ...options }: ForkThreadDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Json<ForkedThreadDto>> {
    const [authority, operation] = [requireAuthority(response.req), findOperation(response.req)];
    const fork = await this.lifecycle.fork(threadId, { turnId: turn_id, options }, authority, operation);
    response.location(`/api/v2/threads/${fork.threadId}`);
    return withFields(this.#json(fork), { new_thread_id: toJson(fork.threadId), source_thread_id: toJson(threadId) });
  }

  /** It is no longer listed, and loses nothing. */
  @ApiOperation({ summary: 'Archive a thread' })
  @ApiOkResponse({ type: ThreadDto })
  @Post(':thread_id/archive')
  @Idempotent()
  @HttpCode(200)
  @JsonText()
  async archiveThread(@Param('thread_id') threadId: string): Promise<Json<ThreadDto>> {
    return this.#json(await this.lifecycle.archive(threadId));
  }

  /** It is listed again. */
  @ApiOperation({ summary: 'Take a thread out of the archive' })
  @ApiOkResponse({ type: ThreadDto })
  @Post(':thread_id/unarchive')
  @Idempotent()
  @HttpCode(200)
  @JsonText()
  async unarchiveThread(@Param('thread_id') threadId: string): Promise<Json<ThreadDto>> {
    return this.#json(await this.lifecycle.unarchive(threadId));
  }

  /** Drops turns from the end of the history. Only the history: files that those turns changed stay as they are. */
  @ApiOperation({ summary: 'Roll a thread back to an earlier turn' })
  @ApiOkResponse({ type: RolledBackThreadDto })
  @Post(':thread_id/rollback')
  @Idempotent()
  @HttpCode(200)
  @JsonText()
  async rollbackThread(
    @Param('thread_id') threadId: string,
    @Body() body: RollbackThreadDto,
    @Req() req: Request,
  ): Promise<Json<RolledBackThreadDto>> {
    const { turn_id: turnId, num_turns: numTurns } = body;
    const to = { ...(turnId === undefined ? {} : { turnId }), ...(numTurns === undefined ? {} : { numTurns }) };
    const { thread, last } = await this.lifecycle.rollback(threadId, to, findOperation(req));
    return withFields(toJson({}), { thread: this.#json(thread), current_turn_id: toJson(last?.turnId ?? null) });
  }

  /** Starts a turn in which the engine sums the history up. It shows on the event stream. */
  @ApiOperation({ summary: 'Compact the history of a thread' })
  @ApiAcceptedResponse({ type: ThreadDto })
  @Post(':thread_id/compact')
  @Idempotent()
  @HttpCode(202)
  @JsonText()
  async compactThread(@Param('thread_id') threadId: string, @Req() req: Request): Promise<Json<ThreadDto>> {
    const thread = await this.manager.require(threadId);
    await thread.compact(requireAuthority(req), findOperation(req));
    return this.#json(thread);
  }

  #listJson(query: ListThreadsQueryDto): Json<ThreadPageDto> {
    const { archived, model_provider, sort_key, sort_direction, ...rest } = query;
    const page = this.directory.list({
      ...rest,
      archived: archived === 'true',
      sortKey: sort_key ?? 'created_at',
      sortDirection: sort_direction ?? 'desc',
      ...(model_provider === undefined ? {} : { modelProvider: model_provider }),
    });
    return toJsonPage(page.data.map(toThreadJson), page.nextCursor);
  }

  #json({ threadId }: Thread): Json<ThreadDto> {
    return toThreadJson(this.directory.requireKnown(threadId));
  }
}
