import { type TomlTable } from './config-edits.js';
import { type ConfigTranslation } from './translate-config.js';

/** How the engine reaches the gateway. */
export interface GatewayAccess {
  urlOf: (providerId: string) => string;
  /** The header that holds the secret, and the variable that the engine takes it from. */
  secretHeader: string;
  secretVariable: string;
}

/** So that the gateway, which can say who was silent, gives up before the engine does. */
const IDLE_MARGIN_MS = 10_000;

/**
 * What the engine is told on its command line beside what the file says (`-c key=value`). Credentials, headers and query
 * parameters of a provider stay as they are: the engine sends them to the gateway, which passes them on. The secret
 * itself is never among them.
 */
export function toEngineOverrides(
  table: TomlTable,
  translation: ConfigTranslation,
  gateway: GatewayAccess | undefined,
): string[] {
  const { providers, baseUrls, engineIds } = translation;
  const keyOf = (id: string, key: string): string => `model_providers.${engineIds.get(id) ?? id}.${key}`;
  const values: [string, unknown][] = [...baseUrls].map(([id, url]) => [keyOf(id, 'base_url'), url]);
  if (gateway !== undefined && providers.length > 0) {
    for (const { id, name, idleTimeoutMs } of providers) {
      values.push(
        [keyOf(id, 'name'), name],
        [keyOf(id, 'base_url'), gateway.urlOf(id)],
        [keyOf(id, 'wire_api'), 'responses'],
        [keyOf(id, 'supports_websockets'), false],
        [keyOf(id, 'stream_idle_timeout_ms'), idleTimeoutMs + IDLE_MARGIN_MS],
        [keyOf(id, `env_http_headers.${gateway.secretHeader}`), gateway.secretVariable],
      );
    }
  }
  return values.flatMap(([key, value]) => ['-c', `${key}=${JSON.stringify(value)}`]);
}
