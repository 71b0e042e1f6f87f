import { Injectable } from '@nestjs/common';
import { type TurnOptions } from '../../core/engine/engine.js';
import { WorkspaceRoots } from '../../http/workspace/workspace-roots.js';
import { type SandboxPolicyDto, type SubmitTurnDto } from './turns.dto.js';

/** What of a caller's turn options this server allows: folders lie under a workspace root. */
@Injectable()
export class TurnOptionsPolicy {
  constructor(private readonly roots: WorkspaceRoots) {}

  /** Throws `forbidden` or `invalid_request`. */
  async check({
    cwd,
    sandbox_policy: sandbox,
    ...rest
  }: Omit<SubmitTurnDto, 'input' | 'on_busy'>): Promise<TurnOptions> {
    return {
      ...rest,
      ...(cwd === undefined ? {} : { cwd: await this.roots.requireInside(cwd, 'cwd') }),
      ...(sandbox === undefined ? {} : { sandbox_policy: await this.#sandbox(sandbox) }),
    };
  }

  /** With every key that the engine wants of a policy of this type, and no other. */
  async #sandbox(sandbox: SandboxPolicyDto): Promise<TurnOptions> {
    const { type, network_access: hasNetwork = false } = sandbox;
    switch (type) {
      case 'danger_full_access':
        return { type };
      case 'read_only':
        return { type, network_access: hasNetwork };
      case 'external_sandbox':
        return { type, network_access: hasNetwork ? 'enabled' : 'restricted' };
      case 'workspace_write': {
        const writable = (sandbox.writable_roots ?? []).map((path, index) =>
          this.roots.requireInside(path, `sandbox_policy.writable_roots[${String(index)}]`),
        );
        return {
          type,
          writable_roots: await Promise.all(writable),
          network_access: hasNetwork,
          exclude_tmpdir_env_var: sandbox.exclude_tmpdir_env_var ?? false,
          exclude_slash_tmp: sandbox.exclude_slash_tmp ?? false,
        };
      }
    }
  }
}
