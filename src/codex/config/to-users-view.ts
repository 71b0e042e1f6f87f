import { type Payload } from '../../core/engine/engine.js';
import { isGuardProfile } from '../guard/guard-profiles.js';
import { findTable, isTable, type TomlTable } from './config-edits.js';
import { type EngineConfig } from './engine-config.js';
import { type ProviderNames } from './provider-names.js';

export interface ViewParts {
  config: EngineConfig;
  names: ProviderNames;
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

function toUsersConfig(config: TomlTable, { config: { table, translation }, names }: ViewParts): TomlTable {
  const viaGateway = new Set(translation.providers.map(({ id }) => id));
  const providers = Object.entries(findTable(config, ['model_providers']) ?? {}).map(([engineId, provider]) => {
    const id = names.fromEngine(engineId);
    const own = findTable(table, ['model_providers', id]);
    const shown = viaGateway.has(id) && isTable(provider) ? { ...withoutGateway(provider), ...own } : provider;
    return [id, shown];
  });
  return {
    ...withoutGuard(config),
    ...toUsersEnvironmentPolicy(config, table),
    ...('model_providers' in config ? { model_providers: Object.fromEntries(providers) } : {}),
    ...toUsersReference(config, names),
  };
}

const ENVIRONMENT_POLICY = 'shell_environment_policy';

/** Without this server's profiles of permissions, and what they deny in those of the user. */
function withoutGuard(part: TomlTable): TomlTable {
  const { permissions } = part;
  const rest = without(part, ['permissions', ENVIRONMENT_POLICY]);
  const profiles = isTable(permissions) ? Object.entries(permissions).filter(([name]) => !isGuardProfile(name)) : [];
  return profiles.length === 0 ? rest : { ...rest, permissions: Object.fromEntries(profiles) };
}

/** What is kept from the environment of commands by the user; this server keeps more. */
function toUsersEnvironmentPolicy(config: TomlTable, table: TomlTable): TomlTable {
  const [policy, own] = [findTable(config, [ENVIRONMENT_POLICY]), findTable(table, [ENVIRONMENT_POLICY])];
  if (!policy || !own) {
    return {};
  }
  return {
    [ENVIRONMENT_POLICY]: { ...policy, exclude: own.exclude ?? null, ...toOwn(own, 'ignore_default_excludes') },
  };
}

const without = (part: TomlTable, keys: readonly string[]): TomlTable =>
  Object.fromEntries(Object.entries(part).filter(([key]) => !keys.includes(key)));

const toOwn = (own: TomlTable, key: string): TomlTable => ({ [key]: own[key] ?? null });

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

function toUsersOrigins(origins: TomlTable, { config, names }: ViewParts): TomlTable {
  return Object.fromEntries(
    Object.entries(origins)
      .filter(isNotOurs)
      .map(([key, origin]) => {
        const [head = '', engineId = '', ...rest] = key.split('.');
        const path = head === 'model_providers' ? [head, names.fromEngine(engineId), ...rest].join('.') : key;
        return [path, isTable(origin) ? withUsersFile(origin, config) : origin];
      }),
  );
}

const isNotOurs = ([key]: [string, unknown]): boolean => !/^"?permissions"?\."?codex-web-/.test(key);

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
  if (!isTable(flags)) {
    return flags;
  }
  const viaGateway = new Set(translation.providers.map(({ id }) => names.toEngine(id)));
  const providers = Object.entries(findTable(flags, ['model_providers']) ?? {}).filter(([id]) => !viaGateway.has(id));
  const rest = without(withoutGuard(flags), ['model_providers']);
  return {
    ...rest,
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
