import { Injectable } from '@nestjs/common';
import { ServiceError } from '../../core/errors.js';
import { type ThreadOptions } from '../../core/engine/engine.js';
import { WorkspaceRoots } from '../../http/workspace/workspace-roots.js';

/** Configuration that makes the engine run programs or send credentials elsewhere: not for a caller to set. */
const REFUSED_CONFIG = [
  'mcp_servers',
  'model_providers',
  'notify',
  'hooks',
  'shell_environment_policy',
  'projects',
  'otel',
  'profiles',
  'sandbox_workspace_write.writable_roots',
  'chatgpt_base_url',
  'openai_base_url',
];

/** What of a caller's thread options this server allows, and what it adds. */
@Injectable()
export class ThreadOptionsPolicy {
  constructor(private readonly roots: WorkspaceRoots) {}

  /** For a new thread, which always gets a folder. Throws `forbidden` or `invalid_request`. */
  async forNew(options: ThreadOptions): Promise<ThreadOptions> {
    return this.forChange({ cwd: this.roots.defaultPath, ...options });
  }

  /** For a thread that has its options and may get others. */
  async forChange(options: ThreadOptions): Promise<ThreadOptions> {
    requireHarmlessConfig(options.config);
    if (typeof options.cwd !== 'string') {
      return options;
    }
    return { ...options, cwd: await this.roots.requireInside(options.cwd, 'cwd') };
  }
}

function requireHarmlessConfig(config: unknown): void {
  for (const path of pathsOf(config, '', 0)) {
    const refused = REFUSED_CONFIG.find((key) => path === key || path.startsWith(`${key}.`));
    if (refused !== undefined) {
      throw new ServiceError(
        'forbidden',
        `config.${refused} can't be set by a request: it could run programs or send credentials elsewhere.`,
        {
          fields: [{ path: `config.${path}`, message: 'is set by the operator only' }],
        },
      );
    }
  }
}

/** All key paths, dotted, however the caller spelled them: nested, or dotted already. */
function pathsOf(value: unknown, prefix: string, depth: number): string[] {
  if (typeof value !== 'object' || value === null || depth > 16) {
    return [];
  }
  return Object.entries(value).flatMap(([key, child]) => {
    const path = `${prefix}${key.replaceAll('"', '')}`;
    return [path, ...pathsOf(child, `${path}.`, depth + 1)];
  });
}
