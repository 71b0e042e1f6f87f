import { Injectable } from '@nestjs/common';
import { type TurnOptions } from '../../core/engine/options.js';
import { Workspace } from '../../core/workspace/workspace.js';
import { SandboxPolicies } from '../resources/sandbox-policies.js';
import { type SubmitTurnDto } from './turns.dto.js';

/** What of a caller's turn options this server allows: folders lie under a workspace root. */
@Injectable()
export class TurnOptionsPolicy {
  constructor(
    private readonly workspace: Workspace,
    private readonly sandboxes: SandboxPolicies,
  ) {}

  /** Throws `forbidden` or `invalid_request`. */
  async check({
    cwd,
    sandbox_policy: sandbox,
    ...rest
  }: Omit<SubmitTurnDto, 'input' | 'on_busy'>): Promise<TurnOptions> {
    return {
      ...rest,
      ...(cwd === undefined ? {} : { cwd: await this.workspace.requireFolder(cwd, 'cwd') }),
      ...(sandbox === undefined ? {} : { sandbox_policy: await this.sandboxes.check(sandbox) }),
    };
  }
}
