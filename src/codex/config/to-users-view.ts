import { type Payload } from '../../core/engine/engine.js';
import { findTable, isTable, type TomlTable } from './config-edits.js';
import { type EngineConfig } from './engine-config.js';
import { type ProviderNames } from './provider-names.js';

export interface ViewParts {
  config: EngineConfig;
  names: ProviderNames;
  secretVariable: string;
}

/**
 * What the engine answers about its configuration (`{config, origins, layers}`), in the words of the user's own file:
 * with its ids, its base URLs and its path, and without what only leads to the gateway.
 */
export function toUsersView(read: Payload, parts: ViewParts): Payload {
  const { config, origins, layers } = read;
  return {
    ...read,
    config: isTable(config) ? toUsersConfig(config, parts) : config,
    origins: isTable(origins) ? toUsersOrigins(origins, parts) : origins,
    layers: Array.isArray(layers)
      ? layers.map((layer: unknown) => (isTable(layer) ? toUsersLayer(layer, parts) : layer))
      : layers,
  };
}

function toUsersConfig(
  config: TomlTable,
  { config: { table, translation }, names, secretVariable }: ViewParts,
): TomlTable {
  const viaGateway = new Set(translation.providers.map(({ id }) => id));
  const providers = Object.entries(findTable(config, ['model_providers']) ?? {}).map(([engineId, provider]) => {
    const id = names.fromEngine(engineId);
    const own = findTable(table, ['model_providers', id]);
    const shown = viaGateway.has(id) && isTable(provider) ? { ...withoutGateway(provider), ...own } : provider;
    return [id, shown];
  });
  const policy = findTable(config, ['shell_environment_policy']);
  return {
    ...config,
    ...('model_providers' in config ? { model_providers: Object.fromEntries(providers) } : {}),
    ...toUsersReference(config, names),
    ...(policy && { shell_environment_policy: withoutSecret(policy, secretVariable) }),
  };
}

/** What the command line says of a provider of the gateway. */
const TOLD_KEYS = [
  'base_url',
  'wire_api',
  'env_http_headers',
  'stream_idle_timeout_ms',
  'supports_websockets',
] as const;

const withoutGateway = (provider: TomlTable): TomlTable => ({
  ...provider,
  ...Object.fromEntries(TOLD_KEYS.map((key) => [key, null])),
});

function toUsersReference({ model_provider: id }: TomlTable, names: ProviderNames): TomlTable {
  return typeof id === 'string' ? { model_provider: names.fromEngine(id) } : {};
}

function withoutSecret(policy: TomlTable, secretVariable: string): TomlTable {
  const { exclude } = policy;
  if (!Array.isArray(exclude)) {
    return policy;
  }
  const kept = exclude.filter((name) => name !== secretVariable);
  return { ...policy, exclude: kept.length === 0 ? null : kept };
}

function toUsersOrigins(origins: TomlTable, { config, names }: ViewParts): TomlTable {
  return Object.fromEntries(
    Object.entries(origins).map(([key, origin]) => {
      const [head = '', engineId = '', ...rest] = key.split('.');
      const path = head === 'model_providers' ? [head, names.fromEngine(engineId), ...rest].join('.') : key;
      return [path, isTable(origin) ? withUsersFile(origin, config) : origin];
    }),
  );
}

function toUsersLayer(layer: TomlTable, { config, names }: ViewParts): TomlTable {
  const owner = findTable(layer, ['name']);
  const shown = withUsersFile(layer, config);
  if (isUsersFile(owner)) {
    return { ...shown, config: config.table };
  }
  return owner?.type === 'session_flags' ? { ...shown, config: toUsersFlags(layer.config, config, names) } : shown;
}

/** The command line without what it says of the gateway. */
function toUsersFlags(flags: unknown, { translation }: EngineConfig, names: ProviderNames): unknown {
  if (!isTable(flags) || translation.providers.length === 0) {
    return flags;
  }
  const viaGateway = new Set(translation.providers.map(({ id }) => names.toEngine(id)));
  const providers = Object.entries(findTable(flags, ['model_providers']) ?? {}).filter(([id]) => !viaGateway.has(id));
  const rest = Object.entries(flags).filter(([key]) => key !== 'model_providers' && key !== 'shell_environment_policy');
  return {
    ...Object.fromEntries(rest),
    ...toUsersReference(flags, names),
    ...(providers.length > 0 ? { model_providers: Object.fromEntries(providers) } : {}),
  };
}

/** Not one of a profile. */
const isUsersFile = (owner: TomlTable | undefined): boolean =>
  owner?.type === 'user' && (owner.profile ?? null) === null;

function withUsersFile(part: TomlTable, { path, isShadowed }: EngineConfig): TomlTable {
  const owner = findTable(part, ['name']);
  const isUsers = isShadowed && isUsersFile(owner);
  return isUsers ? { ...part, name: { ...owner, file: path } } : part;
}
