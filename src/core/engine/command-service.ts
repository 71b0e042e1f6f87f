import { type Authority, requireWithin } from '../permissions/authority.js';
import { type Workspace } from '../workspace/workspace.js';
import { type CommandRequest, type CommandResult, type CommandRunner } from './command-runner.js';

export interface CommandServicePorts {
  commands: CommandRunner;
  workspace: Workspace;
}

/** Runs single commands for callers, as far as they may. */
export class CommandService {
  constructor(private readonly ports: CommandServicePorts) {}

  /**
   * In the first workspace root unless `cwd` says otherwise. Throws `forbidden` for a sandbox above the caller's ceiling
   * and for a folder outside the workspace; else as `CommandRunner.run`.
   */
  async run(
    { cwd, ...request }: Omit<CommandRequest, 'cwd'> & { cwd?: string | undefined },
    authority: Authority,
  ): Promise<CommandResult> {
    const { commands, workspace } = this.ports;
    const { sandboxPolicy: policy } = request;
    requireWithin(authority, policy === undefined ? {} : { sandbox_policy: policy });
    return commands.run({ ...request, cwd: await workspace.requireFolder(cwd ?? workspace.defaultPath, 'cwd') });
  }
}
