import { readSettings } from './parse-settings.js';
import { type Environment } from './settings.js';
import { SettingsError } from './settings-error.js';
import { processPaths, type PathContext } from './value-parsers.js';

/** The data directory that a server with these flags has; for programs that look into it. Throws `SettingsError`. */
export function findDataDir(
  argv: readonly string[],
  env: Environment = process.env,
  paths: PathContext = processPaths(),
): string {
  const read = readSettings(argv, env, paths);
  if (typeof read === 'string') {
    throw new SettingsError(['the folder of the server is not named by that flag']);
  }
  return read.values.dataDir;
}
