import { findOrigin } from './find-origin.js';
import { type Settings } from './settings.js';

const ENGINE_VARIABLES = [
  { variable: 'CODEX_MODEL', name: 'model', became: 'model' },
  { variable: 'CODEX_PROVIDER', name: 'modelProvider', became: 'model_provider' },
  { variable: 'CODEX_APPROVAL_POLICY', name: 'approvalPolicy', became: 'approval_policy' },
] as const;

/** What became of the variables that stand for values of config.toml, one line for each that is set. */
export function toEnvironmentWarnings(settings: Pick<Settings, 'sources' | 'engineEnv' | Name>): string[] {
  return ENGINE_VARIABLES.flatMap(({ variable, name, became }) => {
    const given = settings.engineEnv[variable]?.trim();
    if (!given) {
      return [];
    }
    const origin = findOrigin(settings, name);
    return origin === variable
      ? [`${variable}="${given}" became ${became} = "${settings[name] ?? ''}", and wins over config.toml.`]
      : [`${variable} has no effect: ${origin} wins.`];
  });
}

type Name = (typeof ENGINE_VARIABLES)[number]['name'];
