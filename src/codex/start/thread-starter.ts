import { isAbsolute } from 'node:path';
import { type Payload } from '../../core/engine/engine.js';
import { type EngineClient } from '../engine-client.js';
import { type LoadedThread } from '../engine-views.js';
import { findChoice, type SandboxChoice, type SandboxConfig, type SandboxConfigReader } from './sandbox-config.js';
import { type SettingsNews } from './settings-news.js';

const SETTINGS_TIMEOUT_MS = 30_000;
const MAY_NOT_WRITE: readonly string[] = ['read-only', ':read-only'];

interface Ports {
  configs: Pick<SandboxConfigReader, 'read'>;
  news: Pick<SettingsNews, 'of'>;
  unload: (threadId: string) => Promise<void>;
  /** Throws where a thread may not have this sandbox in this folder. */
  requireAllowed: (sandbox: Payload, cwd: unknown) => void;
}

/**
 * Starts threads without their folder becoming a trusted one. An engine that starts a thread which may write notes its
 * folder as trusted in config.toml, and from then on runs what the folder's `.codex` names: tool servers, hooks and rules,
 * outside of the sandbox. One that starts a thread which may not write does not, nor does it when the sandbox is changed
 * afterwards. So a thread begins with the right to read, and gets its own sandbox before anybody knows of it.
 */
export class ThreadStarter {
  constructor(private readonly ports: Ports) {}

  /**
   * @param params of `thread/start`; resolves with the engine's answer, in which the sandbox is the one in force
   * @param client asks the process that the thread is to be in
   */
  async start(params: Payload, client: Pick<EngineClient, 'call'>): Promise<LoadedThread> {
    const { news, unload, requireAllowed } = this.ports;
    const sandbox = await this.#findSandbox(params);
    if (sandbox === undefined) {
      return client.call<LoadedThread>('thread/start', params);
    }
    requireAllowed(sandbox, params.cwd);
    const loaded = await client.call<LoadedThread>('thread/start', { ...params, sandbox: 'read-only' });
    const threadId = loaded.thread.id;
    try {
      const update = (): Promise<unknown> => client.call('thread/settings/update', { threadId, ...sandbox });
      return { ...loaded, sandbox: await news.of(threadId, update, SETTINGS_TIMEOUT_MS) };
    } catch (error) {
      // Nobody will ever use it; should it not be let go of, the engine's end does so.
      await unload(threadId).catch(() => undefined);
      throw error;
    }
  }

  /** What is to be set after the start; `undefined` for a thread that may not write, which the engine starts as it is. */
  async #findSandbox(params: Payload): Promise<Payload | undefined> {
    const own = (params.config ?? {}) as Payload;
    const given = typeof params.sandbox === 'string' ? { mode: params.sandbox } : findChoice(own);
    if (given !== undefined && !needsConfig(given)) {
      return toSettings(given, {}, {});
    }
    const config = await this.ports.configs.read(typeof params.cwd === 'string' ? params.cwd : undefined);
    const choice = given ?? config.choice;
    return choice && toSettings(choice, config.workspaceWrite, own);
  }
}

const needsConfig = (choice: SandboxChoice): boolean => 'mode' in choice && choice.mode === 'workspace-write';

function toSettings(choice: SandboxChoice, configured: Payload, own: Payload): Payload | undefined {
  if ('profile' in choice) {
    return MAY_NOT_WRITE.includes(choice.profile) ? undefined : { permissions: choice.profile };
  }
  switch (choice.mode) {
    case 'danger-full-access':
      return { sandboxPolicy: { type: 'dangerFullAccess' } };
    case 'workspace-write':
      return { sandboxPolicy: toWorkspaceWrite({ ...configured, ...toOwnTable(own) }) };
    default:
      return undefined;
  }
}

const TABLE = 'sandbox_workspace_write';

/** The thread's own `sandbox_workspace_write`, as a table or key by key. */
function toOwnTable(own: Payload): Payload {
  const keys = Object.entries(own).filter(([key]) => key.startsWith(`${TABLE}.`));
  return {
    ...(own[TABLE] as Payload | undefined),
    ...Object.fromEntries(keys.map(([key, value]) => [key.slice(TABLE.length + 1), value])),
  };
}

function toWorkspaceWrite(table: Payload): SandboxConfig['workspaceWrite'] {
  const roots = Array.isArray(table.writable_roots) ? table.writable_roots : [];
  return {
    type: 'workspaceWrite',
    writableRoots: roots.filter((root) => typeof root === 'string' && isAbsolute(root)),
    networkAccess: table.network_access === true,
    excludeTmpdirEnvVar: table.exclude_tmpdir_env_var === true,
    excludeSlashTmp: table.exclude_slash_tmp === true,
  };
}
