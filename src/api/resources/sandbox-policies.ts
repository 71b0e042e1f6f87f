import { Injectable } from '@nestjs/common';
import { type Payload } from '../../core/engine/engine.js';
import { Workspace } from '../../core/workspace/workspace.js';
import { type SandboxPolicyDto } from './sandbox-policy.dto.js';

/** Makes the engine's sandbox policy out of a caller's: folders lie under a workspace root. */
@Injectable()
export class SandboxPolicies {
  constructor(private readonly workspace: Workspace) {}

  /**
   * With every key that the engine wants of a policy of this type, and no other. Throws `forbidden` or
   * `invalid_request` for a folder.
   */
  async check(sandbox: SandboxPolicyDto): Promise<Payload> {
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
          this.workspace.requireFolder(path, `sandbox_policy.writable_roots[${String(index)}]`),
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
