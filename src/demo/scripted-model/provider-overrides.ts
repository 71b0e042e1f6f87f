/** Name of the model and id of the provider that an engine uses when it is pointed at the scripted model. */
export const scriptedModelName = 'scripted-model';
export const scriptedProviderId = 'scripted';

/**
 * Arguments for the engine (`-c key=value` pairs) that make the scripted model its default, without a config file and
 * without a login. Nothing is retried unless `streamRetries` says how often the engine asks again after a stream that
 * broke: a scripted failure is meant, and a retry would only answer with it again.
 * @param baseUrl the model's `baseUrl`, for example `http://127.0.0.1:4000/v1`
 */
export function scriptedProviderOverrides(
  baseUrl: string,
  { streamRetries = 0 }: { streamRetries?: number } = {},
): string[] {
  const provider = `model_providers.${scriptedProviderId}`;
  const settings: [string, string | number | boolean][] = [
    ['model', scriptedModelName],
    ['model_provider', scriptedProviderId],
    [`${provider}.name`, 'Scripted model'],
    [`${provider}.base_url`, baseUrl],
    [`${provider}.wire_api`, 'responses'],
    [`${provider}.requires_openai_auth`, false],
    [`${provider}.supports_websockets`, false],
    [`${provider}.request_max_retries`, 0],
    [`${provider}.stream_max_retries`, streamRetries],
  ];
  return settings.flatMap(([key, value]) => ['-c', `${key}=${JSON.stringify(value)}`]);
}
