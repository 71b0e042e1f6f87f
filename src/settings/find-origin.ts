import { OPTIONS } from './options.js';
import { type Settings, type SettingName } from './settings.js';

/** The flag or the variable that a setting is from; only for one that is not left to its default. */
export function findOrigin({ sources, engineEnv }: Pick<Settings, 'sources' | 'engineEnv'>, name: SettingName): string {
  const option = OPTIONS.find((row) => row.name === name);
  const variables = option?.env ?? [];
  return sources[name] === 'flag'
    ? `--${option?.flag ?? name}`
    : (variables.find((variable) => engineEnv[variable]?.trim()) ?? variables[0] ?? name);
}
