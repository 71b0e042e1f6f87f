import { loadAuthToken } from './auth-token.js';
import { readSettings, type ReadSettings } from './parse-settings.js';
import { findPathFaults } from './path-faults.js';
import { type AuthToken, type Environment, type Settings } from './settings.js';
import { SettingsError } from './settings-error.js';
import { processPaths, type PathContext } from './value-parsers.js';

/**
 * The settings of this process, frozen; or which text was asked for instead. Checks the folders and files that are
 * named, and makes the token at the first start. Throws `SettingsError` with every fault.
 */
export function loadSettings(
  argv: readonly string[],
  env: Environment,
  paths: PathContext = processPaths(),
): 'help' | 'version' | Settings {
  const read = readSettings(argv, env, paths);
  if (typeof read === 'string') {
    return read;
  }
  const faults = [...read.faults, ...findPathFaults(read.values)];
  const authToken = tryLoadToken(read, faults);
  if (authToken === null || faults.length > 0) {
    throw new SettingsError(faults);
  }
  return freezeDeep({ ...read.values, authToken, sources: read.sources, engineEnv: read.engineEnv });
}

function tryLoadToken({ token, values }: ReadSettings, faults: string[]): AuthToken | null {
  // A start that fails anyway must not be the one that makes the token and never shows it.
  if (token === null || (token.from === 'data-dir' && faults.length > 0)) {
    return null;
  }
  try {
    return loadAuthToken(token, values.dataDir);
  } catch (error) {
    if (!(error instanceof SettingsError)) {
      throw error;
    }
    faults.push(...error.faults);
    return null;
  }
}

function freezeDeep<T extends object>(value: T): T {
  for (const part of Object.values(value) as unknown[]) {
    if (typeof part === 'object' && part !== null) {
      freezeDeep(part);
    }
  }
  return Object.freeze(value);
}
