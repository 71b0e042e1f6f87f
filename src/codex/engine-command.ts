import { realpathSync } from 'node:fs';
import { type ThreadOptions } from '../core/engine/options.js';
import { ServiceError } from '../core/errors.js';
import { type ApiSettings, toApiProvider } from './api-provider.js';
import { requireEngineBinary } from './engine-binary.js';
import { toGuardedPath } from './git-guard.js';
import { type EngineCommand } from './process/engine-process.js';
import { type WatchOptions } from './process/engine-watch.js';
import { ENGINE_VERSION } from './protocol/generated/methods.js';

export interface EngineSettings extends ApiSettings {
  readonly codexPath: string | null;
  readonly codexHome: string;
  readonly workspaceRoots: readonly string[];
  readonly trustedFolders: readonly string[];
  readonly model: string | null;
  readonly approvalPolicy: string | null;
  readonly isBypassingApprovalsAndSandbox: boolean;
  readonly hasShellSnapshot: boolean;
  readonly allowsAnyCodexVersion?: boolean;
  readonly reasoningEffort: string | null;
}

/**
 * How the engine is started. `shell_snapshot` runs a login shell for each new thread, which makes a hundred new threads
 * take 3.9 s instead of 0.6 s, so it is off unless asked for.
 */
export function toEngineCommand(settings: EngineSettings, overrides: readonly string[]): EngineCommand {
  const provider = toApiProvider(settings);
  const config: [string, string | boolean | null][] = [
    ...(provider?.overrides ?? []),
    ['model', settings.model],
    ['model_provider', provider?.id ?? settings.modelProvider],
    ['model_reasoning_effort', settings.reasoningEffort],
    ['approval_policy', settings.isBypassingApprovalsAndSandbox ? 'never' : toConfiguredPolicy(settings)],
    ['sandbox_mode', settings.isBypassingApprovalsAndSandbox ? 'danger-full-access' : null],
  ];
  return {
    path: findBinary(settings.codexPath),
    args: [
      'app-server',
      ...(settings.hasShellSnapshot ? [] : ['--disable', 'shell_snapshot']),
      ...WITH_BUBBLEWRAP,
      ...UNLOAD_AT_ONCE,
      ...toTrust(settings.trustedFolders),
      ...overrides,
      ...config.flatMap(([key, value]) => (value === null ? [] : ['-c', `${key}=${JSON.stringify(value)}`])),
    ],
    cwd: settings.workspaceRoots[0] ?? process.cwd(),
    env: {
      ...settings.engineEnv,
      PATH: toGuardedPath(settings.engineEnv.PATH),
      CODEX_HOME: settings.codexHome,
    },
    expectedVersion: settings.allowsAnyCodexVersion ? null : ENGINE_VERSION,
  };
}

/** As config.toml would say it; what it says of others stays. A key of a `-c` can't hold a path, so the whole is a value. */
function toTrust(folders: readonly string[]): string[] {
  const projects = folders.map((folder) => `${JSON.stringify(realpathSync(folder))}={trust_level="trusted"}`);
  return projects.length === 0 ? [] : ['-c', `projects={${projects.join(',')}}`];
}

/** Throws `engine_unavailable` with what to do when there is none. */
export function findBinary(codexPath: string | null): string {
  try {
    return requireEngineBinary(codexPath ?? undefined);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ServiceError('engine_unavailable', message, { cause: error });
  }
}

export interface ProcessSettings {
  readonly dataDir: string;
  readonly engines: number;
  readonly idleThreadTimeoutMs: number;
  readonly engineMaxMemoryBytes: number;
  readonly engineMaxChildren: number;
  readonly engineMaxAgeMs: number;
  readonly engineCheckIntervalMs: number;
}

export interface ProcessOptions {
  /** How many there are. */
  processes: number;
  /** Of this server: what processes leave behind is known by it, also after a restart. It exists. */
  dataDir: string;
  /** When one is replaced. */
  watch: WatchOptions;
  /** After how long one that was replaced is ended although threads that can't be moved are still in it. */
  retireTimeoutMs: number;
}

/** How many processes of it there are, and when one is replaced by another. */
export function toProcessOptions(settings: ProcessSettings): ProcessOptions {
  return {
    processes: settings.engines,
    dataDir: settings.dataDir,
    retireTimeoutMs: settings.idleThreadTimeoutMs,
    watch: {
      maxMemoryBytes: settings.engineMaxMemoryBytes,
      maxChildren: settings.engineMaxChildren,
      maxAgeMs: settings.engineMaxAgeMs,
      checkIntervalMs: settings.engineCheckIntervalMs,
    },
  };
}

/** An older sandbox, with which this engine ends every command by a panic, whatever config.toml says of it. */
const WITH_BUBBLEWRAP = ['--disable', 'use_legacy_landlock'];

/** Which threads stay in memory is decided here; left to itself, the engine keeps one for 30 minutes more. */
const UNLOAD_AT_ONCE = ['-c', 'thread_unload_delay_secs=0'];

/** The engine takes this policy for a thread, but does not start when its configuration has it (0.169.0). */
const THREAD_ONLY_POLICY = 'untrusted';

const toConfiguredPolicy = ({ approvalPolicy }: EngineSettings): string | null =>
  approvalPolicy === THREAD_ONLY_POLICY ? null : approvalPolicy;

/** What of the settings is told to the engine with each new thread, since it can't be configured. */
export function toThreadDefaults({ approvalPolicy, isBypassingApprovalsAndSandbox }: EngineSettings): ThreadOptions {
  const isTold = approvalPolicy === THREAD_ONLY_POLICY && !isBypassingApprovalsAndSandbox;
  return isTold ? { approval_policy: approvalPolicy } : {};
}
