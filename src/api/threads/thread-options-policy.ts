import { Injectable } from '@nestjs/common';
import { type ThreadOptions } from '../../core/engine/engine.js';
import { ConfigAdmin } from '../../http/workspace/config-admin.js';
import { WorkspaceRoots } from '../../http/workspace/workspace-roots.js';

/** What of a caller's thread options this server allows, and what it adds. */
@Injectable()
export class ThreadOptionsPolicy {
  constructor(
    private readonly roots: WorkspaceRoots,
    private readonly admin: ConfigAdmin,
  ) {}

  /** For a new thread, which always gets a folder. Throws `forbidden` or `invalid_request`. */
  async forNew(options: ThreadOptions): Promise<ThreadOptions> {
    return this.forChange({ cwd: this.roots.defaultPath, ...options });
  }

  /** For a thread that has its options and may get others. */
  async forChange(options: ThreadOptions): Promise<ThreadOptions> {
    this.admin.requireOverrides(options.config);
    if (typeof options.cwd !== 'string') {
      return options;
    }
    return { ...options, cwd: await this.roots.requireInside(options.cwd, 'cwd') };
  }
}
