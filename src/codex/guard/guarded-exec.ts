import { type Payload } from '../../core/engine/engine.js';
import { type SandboxPolicy } from '../protocol/generated/types.js';
import { type EngineCall } from './engine-call.js';
import { type ReplaceableFolders } from './replaceable-folders.js';
import { type ConfiningPolicy, isConfining, toGuarded, toInlineToml, toProfileName } from './guard-profiles.js';

export interface GuardedExecOptions {
  /** The engine's binary. */
  binary: string;
  /** What it was told on its command line of profiles of permissions. */
  overrides: readonly string[];
  /** An empty folder. */
  emptyHome: string;
  folders: ReplaceableFolders;
}

/** Sets the environment of a command that it runs, on every system that has a sandbox here. */
const ENV_PROGRAM = '/usr/bin/env';

interface Config {
  sandbox_mode?: string | null;
  default_permissions?: string | null;
  sandbox_workspace_write?: Payload | null;
}

/** Single commands: each is given a profile of permissions in the place of its policy, or of the configured one. */
export class GuardedExec {
  constructor(private readonly options: GuardedExecOptions) {}

  /** @param params of `command/exec` */
  async toParams(params: Payload, next: EngineCall): Promise<Payload> {
    const { sandboxPolicy, permissionProfile, ...rest } = params;
    if (typeof permissionProfile === 'string') {
      this.options.folders.requireOutOfReach(permissionProfile, rest.cwd);
      return { ...rest, permissionProfile: toGuarded(permissionProfile) };
    }
    const chosen = (sandboxPolicy as SandboxPolicy | null | undefined) ?? (await this.#configured(next));
    this.options.folders.requireOutOfReach(chosen, rest.cwd);
    if (typeof chosen === 'string') {
      return { ...rest, permissionProfile: toGuarded(chosen) };
    }
    if (!isConfining(chosen)) {
      return { ...rest, sandboxPolicy: chosen };
    }
    const folders = toFurtherFolders(chosen, rest.cwd);
    return folders.length === 0
      ? { ...rest, permissionProfile: toProfileName(chosen) }
      : { ...rest, ...this.#nested(rest, toProfileName(chosen), folders) };
  }

  /**
   * The engine takes profiles by name only, and none has these folders. So it runs itself as the sandbox's own program, which
   * takes one on its command line; the engine's own sandbox is left out, as it can't hold another one. That program runs
   * outside of the sandbox: nothing of the caller's reaches it, whose variables are set inside, and no `.env` of a home.
   */
  #nested({ command, cwd, env }: Payload, profile: string, folders: readonly string[]): Payload {
    const name = `${profile}-folders`;
    const filesystem = Object.fromEntries(folders.map((folder) => [folder, 'write']));
    const own = ['-c', `permissions.${name}=${toInlineToml({ extends: profile, filesystem })}`];
    const place = typeof cwd === 'string' ? ['-C', cwd] : [];
    const { binary, overrides, emptyHome } = this.options;
    const inside = [...toEnvCommand((env ?? {}) as Variables), ...(command as string[])];
    return {
      command: [binary, 'sandbox', ...overrides, ...own, '-P', name, ...place, '--', ...inside],
      env: { CODEX_HOME: emptyHome },
      sandboxPolicy: { type: 'dangerFullAccess' },
    };
  }

  async #configured(next: EngineCall): Promise<SandboxPolicy | string> {
    const { config } = (await next('config/read', { includeLayers: false })) as { config: Config };
    const { sandbox_mode: mode, default_permissions: profile, sandbox_workspace_write: table } = config;
    if (typeof profile === 'string') {
      return profile;
    }
    switch (mode) {
      case 'danger-full-access':
        return { type: 'dangerFullAccess' };
      case 'workspace-write':
        return toWorkspaceWrite(table ?? {});
      default:
        return { type: 'readOnly', networkAccess: false };
    }
  }
}

type Variables = Record<string, string | null>;

function toEnvCommand(variables: Variables): string[] {
  const entries = Object.entries(variables);
  const unset = entries.filter(([, value]) => value === null).flatMap(([name]) => ['-u', name]);
  const set = entries.flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]));
  return [ENV_PROGRAM, ...unset, '--', ...set];
}

function toWorkspaceWrite(table: Payload): SandboxPolicy {
  const roots = Array.isArray(table.writable_roots) ? table.writable_roots : [];
  return {
    type: 'workspaceWrite',
    writableRoots: roots.filter((root) => typeof root === 'string'),
    networkAccess: table.network_access === true,
    excludeTmpdirEnvVar: table.exclude_tmpdir_env_var === true,
    excludeSlashTmp: table.exclude_slash_tmp === true,
  };
}

/** A profile makes the folder of the command writable by itself. */
function toFurtherFolders(policy: ConfiningPolicy, cwd: unknown): string[] {
  return policy.type === 'workspaceWrite' ? policy.writableRoots.filter((root) => root !== cwd) : [];
}
