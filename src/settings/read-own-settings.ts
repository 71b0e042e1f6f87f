import { readSettings, type ReadSettings } from './parse-settings.js';
import { type Environment } from './settings.js';
import { SettingsError } from './settings-error.js';
import { processPaths, type PathContext } from './value-parsers.js';

/** The settings of a server with these flags, faults and all, for programs beside it. Nothing is made or changed. */
export function readOwnSettings(
  argv: readonly string[],
  env: Environment,
  paths: PathContext = processPaths(),
): ReadSettings {
  const read = readSettings(argv, env, paths);
  if (typeof read === 'string') {
    throw new SettingsError([`--${read} is no flag of this command`]);
  }
  return read;
}
