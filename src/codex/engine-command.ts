import { type ThreadOptions } from '../core/engine/engine.js';
import { requireEngineBinary } from './engine-binary.js';
import { type EngineCommand } from './process/engine-process.js';

export interface EngineSettings {
  readonly codexPath: string | null;
  readonly codexHome: string;
  readonly workspaceRoots: readonly string[];
  readonly model: string | null;
  readonly modelProvider: string | null;
  readonly approvalPolicy: string | null;
  readonly isBypassingApprovalsAndSandbox: boolean;
  readonly hasShellSnapshot: boolean;
  readonly engineEnv: Readonly<Record<string, string | undefined>>;
}

/**
 * How the engine is started. `shell_snapshot` runs a login shell for each new thread, which makes a hundred new threads
 * take 3.9 s instead of 0.6 s, so it is off unless asked for.
 */
export function toEngineCommand(settings: EngineSettings, overrides: readonly string[]): EngineCommand {
  const config: [string, string | null][] = [
    ['model', settings.model],
    ['model_provider', settings.modelProvider],
    ['approval_policy', settings.isBypassingApprovalsAndSandbox ? 'never' : toConfiguredPolicy(settings)],
    ['sandbox_mode', settings.isBypassingApprovalsAndSandbox ? 'danger-full-access' : null],
  ];
  return {
    path: requireEngineBinary(settings.codexPath ?? undefined),
    args: [
      'app-server',
      ...(settings.hasShellSnapshot ? [] : ['--disable', 'shell_snapshot']),
      ...overrides,
      ...config.flatMap(([key, value]) => (value === null ? [] : ['-c', `${key}=${JSON.stringify(value)}`])),
    ],
    cwd: settings.workspaceRoots[0] ?? process.cwd(),
    env: { ...settings.engineEnv, CODEX_HOME: settings.codexHome },
  };
}

/** The engine takes this policy for a thread, but does not start when its configuration has it (0.169.0). */
const THREAD_ONLY_POLICY = 'untrusted';

const toConfiguredPolicy = ({ approvalPolicy }: EngineSettings): string | null =>
  approvalPolicy === THREAD_ONLY_POLICY ? null : approvalPolicy;

/** What of the settings is told to the engine with each new thread, since it can't be configured. */
export function toThreadDefaults({ approvalPolicy, isBypassingApprovalsAndSandbox }: EngineSettings): ThreadOptions {
  const isTold = approvalPolicy === THREAD_ONLY_POLICY && !isBypassingApprovalsAndSandbox;
  return isTold ? { approval_policy: approvalPolicy } : {};
}
