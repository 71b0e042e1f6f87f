import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request } from 'express';
import { CommandService } from '../../core/engine/command-service.js';
import { requireAuthority } from '../../http/auth/require-authority.js';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { type View } from '../../http/view.js';
import { SandboxPolicies } from '../resources/sandbox-policies.js';
import { RunCommandDto } from './commands.dto.js';
import { CommandResultDto, toCommandResult } from './commands.views.js';

const DEFAULT_TIMEOUT_MS = 60_000;

@ApiTags('commands')
@Controller('api/v2/commands')
export class CommandsController {
  constructor(
    private readonly service: CommandService,
    private readonly sandboxes: SandboxPolicies,
  ) {}

  /** Without a thread and without the model. 504 when it takes longer than it may. */
  @ApiOperation({ summary: "Run a command in the engine's sandbox" })
  @ApiOkResponse({ type: CommandResultDto })
  @Post('exec')
  @Idempotent('refuse')
  @HttpCode(200)
  async runCommand(@Body() body: RunCommandDto, @Req() req: Request): Promise<View<CommandResultDto>> {
    const { command, cwd, timeout_ms: timeoutMs, env, sandbox_policy: sandbox } = body;
    const request = {
      command,
      cwd,
      timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(env === undefined ? {} : { env }),
      ...(sandbox === undefined ? {} : { sandboxPolicy: await this.sandboxes.check(sandbox) }),
    };
    return toCommandResult(await this.service.run(request, requireAuthority(req)));
  }

  @ApiOperation({
    summary: "Run a command in the engine's sandbox",
    deprecated: true,
    description: 'Use `/commands/exec`.',
  })
  @ApiOkResponse({ type: CommandResultDto })
  @Post()
  @Idempotent('refuse')
  @HttpCode(200)
  async runCommandAlias(@Body() body: RunCommandDto, @Req() req: Request): Promise<View<CommandResultDto>> {
    return this.runCommand(body, req);
  }
}
