import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request } from 'express';
import { type Authority } from '../../core/permissions/authority.js';
import { requireAuthority } from '../../http/auth/require-authority.js';
import { NeedsScope } from '../../http/routing/route-metadata.js';
import { type View } from '../../http/view.js';
import * as dto from './bridge.dto.js';
import { BridgeLifecycle } from './bridge-lifecycle.js';
import { BridgeSkills } from './bridge-skills.js';
import { BridgeThreads } from './bridge-threads.js';
import { BridgeTurns } from './bridge-turns.js';
import { toBridgeAuthority } from './to-core.js';
import {
  BridgeLoadedThreadDto,
  BridgeSkillConfigDto,
  BridgeSkillsDto,
  BridgeThreadDto,
  BridgeTurnDto,
} from './bridge.views.js';

@ApiTags('bridge')
@Controller('api')
export class BridgeController {
  constructor(
    private readonly lifecycle: BridgeLifecycle,
    private readonly threads: BridgeThreads,
    private readonly turns: BridgeTurns,
    private readonly skills: BridgeSkills,
  ) {}

  /** The engine's `thread/start`. Nothing runs until a turn is started. */
  @ApiOperation({ summary: 'Create a thread' })
  @ApiOkResponse({ type: BridgeLoadedThreadDto })
  @Post('thread/start')
  @HttpCode(200)
  async bridgeStartThread(
    @Body({ schema: dto.startThread }) body: dto.StartThread,
    @Req() req: Request,
  ): Promise<View<BridgeLoadedThreadDto>> {
    return this.threads.loaded(await this.lifecycle.start(body, authorityOf(req)), false);
  }

  /** The engine's `thread/resume`. Happens by itself when a turn is started. */
  @ApiOperation({ summary: 'Load a thread, maybe with other options' })
  @ApiOkResponse({ type: BridgeLoadedThreadDto })
  @Post('thread/resume')
  @HttpCode(200)
  async bridgeResumeThread(
    @Body({ schema: dto.resumeThread }) body: dto.ResumeThread,
    @Req() req: Request,
  ): Promise<View<BridgeLoadedThreadDto>> {
    return this.threads.loaded(await this.lifecycle.resume(body, authorityOf(req)), body.excludeTurns !== true);
  }

  /** The engine's `thread/read`. It is not loaded by that. */
  @ApiOperation({ summary: 'Read a thread, with its turns if they are asked for' })
  @ApiOkResponse({ type: BridgeThreadDto })
  @Post('thread/read')
  @NeedsScope('read')
  @HttpCode(200)
  bridgeReadThread(
    @Body({ schema: dto.readThread }) { threadId, includeTurns }: dto.ReadThread,
  ): Promise<View<BridgeThreadDto>> {
    return this.threads.read(threadId, includeTurns);
  }

  /** The engine's `thread/fork`: a new thread with the history of this one. */
  @ApiOperation({ summary: 'Fork a thread' })
  @ApiOkResponse({ type: BridgeLoadedThreadDto })
  @Post('thread/fork')
  @HttpCode(200)
  async bridgeForkThread(
    @Body({ schema: dto.forkThread }) body: dto.ForkThread,
    @Req() req: Request,
  ): Promise<View<BridgeLoadedThreadDto>> {
    return this.threads.loaded(await this.lifecycle.fork(body, authorityOf(req)), body.excludeTurns !== true);
  }

  /**
   * The engine's `turn/start`, but answered when the turn is over, with all its items; its `status` says how it ended. After
   * `CODEX_REQUEST_TIMEOUT` seconds the answer is 504, and the turn goes on. A turn that asks for approval waits for an answer
   * in `/api/v2`.
   */
  @ApiOperation({ summary: 'Send a message, and wait for all that comes of it' })
  @ApiOkResponse({ type: BridgeTurnDto })
  @Post('turn/start')
  @HttpCode(200)
  async bridgeStartTurn(
    @Body({ schema: dto.startTurn }) body: dto.StartTurn,
    @Req() req: Request,
  ): Promise<View<BridgeTurnDto>> {
    const turnId = await this.turns.run(body, authorityOf(req));
    return { turn: await this.threads.turn(body.threadId, turnId) };
  }

  /** The engine's `skills/list`. */
  @ApiOperation({ summary: 'List skills' })
  @ApiOkResponse({ type: BridgeSkillsDto })
  @Post('skills/list')
  @NeedsScope('read')
  @HttpCode(200)
  async bridgeListSkills(@Body({ schema: dto.listSkills }) body: dto.ListSkills): Promise<View<BridgeSkillsDto>> {
    return { data: await this.skills.list(body) };
  }

  /** The engine's `skills/config/write`: switches a skill on or off, for all threads that begin from now on. */
  @ApiOperation({ summary: 'Switch a skill on or off' })
  @ApiOkResponse({ type: BridgeSkillConfigDto })
  @Post('skills/config/write')
  @NeedsScope('admin')
  @HttpCode(200)
  async bridgeWriteSkillConfig(
    @Body({ schema: dto.writeSkillConfig }) body: dto.WriteSkillConfig,
  ): Promise<View<BridgeSkillConfigDto>> {
    return { effectiveEnabled: await this.skills.configure(body) };
  }
}

const authorityOf = (req: Request): Authority => toBridgeAuthority(requireAuthority(req));
