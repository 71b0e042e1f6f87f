import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandRunner } from '../../core/agent/command-runner.js';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { type View } from '../../http/view.js';
import { WorkspaceRoots } from '../../http/workspace/workspace-roots.js';
import { SandboxPolicies } from '../resources/sandbox-policies.js';
import { RunCommandDto } from './commands.dto.js';
import { CommandResultDto, toCommandResult } from './commands.views.js';

const DEFAULT_TIMEOUT_MS = 60_000;

@ApiTags('commands')
@Controller('api/v2/commands')
export class CommandsController {
  constructor(
    private readonly runner: CommandRunner,
    private readonly roots: WorkspaceRoots,
    private readonly sandboxes: SandboxPolicies,
  ) {}

  /** Without a thread and without the model. 504 when it takes longer than it may. */
  @ApiOperation({ summary: "Run a command in the engine's sandbox" })
  @ApiOkResponse({ type: CommandResultDto })
  @Post('exec')
  @Idempotent('refuse')
  @HttpCode(200)
  async runCommand(@Body() body: RunCommandDto): Promise<View<CommandResultDto>> {
    const { command, cwd, timeout_ms: timeoutMs, env, sandbox_policy: sandbox } = body;
    const result = await this.runner.run({
      command,
      cwd: cwd === undefined ? this.roots.defaultPath : await this.roots.requireInside(cwd, 'cwd'),
      timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(env === undefined ? {} : { env }),
      ...(sandbox === undefined ? {} : { sandboxPolicy: await this.sandboxes.check(sandbox) }),
    });
    return toCommandResult(result);
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
  async runCommandAlias(@Body() body: RunCommandDto): Promise<View<CommandResultDto>> {
    return this.runCommand(body);
  }
}
