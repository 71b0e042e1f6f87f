import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TomlTable } from './codex/config/config-edits.js';
import { findBinary } from './codex/engine-command.js';
import { toGuardOverrides } from './codex/guard/guard-overrides.js';
import { GuardedExec } from './codex/guard/guarded-exec.js';
import { ReadGuard } from './codex/guard/read-guard.js';
import { ReplaceableFolders } from './codex/guard/replaceable-folders.js';
import { makeSecretFolders, toRealPath, toSecretPaths } from './codex/guard/secret-paths.js';
import { type Settings } from './settings/settings.js';

export interface GuardSetup {
  /** For the engine's command line. */
  overrides: readonly string[];
  guard: ReadGuard | undefined;
}

type GuardSettings = Pick<Settings, 'codexHome' | 'dataDir' | 'authToken' | 'engineEnv' | 'codexPath'>;

/** What keeps secrets from the engine's commands. On Windows its sandbox can't cover single files, and there is none. */
export function toGuard(settings: GuardSettings, table: TomlTable): GuardSetup {
  if (process.platform === 'win32') {
    return { overrides: [], guard: undefined };
  }
  const { codexHome, dataDir, authToken, engineEnv, codexPath } = settings;
  const tokenFile = authToken.source === 'file' ? authToken.path : null;
  const credentialsDir = engineEnv.CREDENTIALS_DIRECTORY ?? null;
  makeSecretFolders({ codexHome, dataDir });
  const secrets = toSecretPaths({ codexHome, dataDir, tokenFile, credentialsDir });
  const overrides = toGuardOverrides(table, { secrets, readOnly: [toRealPath(dataDir)] });
  const emptyHome = join(dataDir, 'empty-home');
  mkdirSync(emptyHome, { recursive: true, mode: 0o700 });
  const folders = new ReplaceableFolders({ codexHome, dataDir });
  const exec = new GuardedExec({ binary: findBinary(codexPath), overrides, emptyHome, folders });
  return { overrides, guard: new ReadGuard(exec, folders) };
}
