/** Ids that the engine keeps for itself: a provider of one's own can't be called so. */
const BUILT_IN_PROVIDERS: ReadonlySet<string> = new Set([
  'openai',
  'amazon-bedrock',
  'ollama',
  'ollama-chat',
  'lmstudio',
]);

const DEFAULT_ID = 'codex-api';
export const API_KEY_VARIABLE = 'CODEX_API_KEY';

export interface ApiSettings {
  /** `null`: the provider is config.toml's. */
  readonly apiBaseUrl: string | null;
  readonly modelProvider: string | null;
  /** The scripted model is the provider then. */
  readonly isDemo: boolean;
  readonly engineEnv: Readonly<Record<string, string | undefined>>;
}

export interface ApiProvider {
  id: string;
  /** Keys of the configuration and their values. */
  overrides: [string, string | boolean][];
}

/**
 * The provider that the environment describes. Its key is named by its variable, never told: the engine reads it there, and
 * what the agent runs finds the variable empty.
 */
export function toApiProvider({ apiBaseUrl, modelProvider, isDemo, engineEnv }: ApiSettings): ApiProvider | null {
  if (apiBaseUrl === null || isDemo) {
    return null;
  }
  const id = toProviderId(modelProvider);
  const at = `model_providers.${id}`;
  const hasKey = (engineEnv[API_KEY_VARIABLE] ?? '').trim() !== '';
  return {
    id,
    overrides: [
      [`${at}.name`, modelProvider ?? id],
      [`${at}.base_url`, apiBaseUrl],
      [`${at}.wire_api`, 'responses'],
      [`${at}.requires_openai_auth`, false],
      [`${at}.supports_websockets`, false],
      ...(hasKey
        ? ([
            [`${at}.env_key`, API_KEY_VARIABLE],
            [`shell_environment_policy.set.${API_KEY_VARIABLE}`, ''],
          ] as [string, string][])
        : []),
    ],
  };
}

/** Keys of the command line can't be quoted, so that only plain words can name a provider there. */
function toProviderId(name: string | null): string {
  const word = (name ?? DEFAULT_ID).replaceAll(/[^\w-]/g, '-');
  return BUILT_IN_PROVIDERS.has(word) ? `${DEFAULT_ID}-${word}` : word;
}
