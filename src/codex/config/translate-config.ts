import { type ModelProvider, type ProviderWire } from '../../core/engine/model-provider.js';
import { type ConfigEdit, findTable, isTable, type TomlTable } from './config-edits.js';
import { toLegacyEdits } from './legacy-values.js';
import { toLocalProvider } from './local-base-url.js';
import { findWire } from './provider-wires.js';

/** What a configuration has to become before the engine can use it. */
export interface ConfigTranslation {
  /** For the engine's copy of the file; none when it can read the user's own. */
  edits: readonly ConfigEdit[];
  /** Those that need the gateway, by the id that the user knows. */
  providers: readonly ModelProvider[];
  /** Base URLs of providers that the engine speaks to itself, where something else than the file says them. */
  baseUrls: ReadonlyMap<string, string>;
  /** The id that the engine knows, by that of the user, where they differ. */
  engineIds: ReadonlyMap<string, string>;
  /** The provider whose base URL is that of `OLLAMA_BASE_URL`. */
  localProviderId: string | undefined;
  /** The policy of the file, where the engine does not take it from a file. */
  threadPolicy: 'untrusted' | null;
  /** One for each value that became something else. */
  warnings: readonly string[];
}

export interface ConfigSources {
  table: TomlTable;
  /** The provider that the command line or the environment asks for. */
  modelProvider: string | null;
  /** The value of `OLLAMA_BASE_URL`. */
  localBaseUrl: string | undefined;
}

/** Ids that the engine does not let a file define (0.169.0: "Built-in providers cannot be overridden"). */
const BUILT_IN: ReadonlySet<string> = new Set(['openai', 'ollama', 'lmstudio']);
/** What the engine waits for a provider that says nothing, unless the file says otherwise. */
const DEFAULT_IDLE_TIMEOUT_MS = 300_000;

/** Pure, and total: what it does not understand is left for the engine to judge. */
export function translateConfig({ table, modelProvider, localBaseUrl }: ConfigSources): ConfigTranslation {
  const inForce = modelProvider ?? (typeof table.model_provider === 'string' ? table.model_provider : null);
  const local = toLocalProvider(localBaseUrl, inForce, table);
  const defined = { ...findTable(table, ['model_providers']), ...local.added };
  const tables = Object.entries(defined).filter((entry): entry is [string, TomlTable] => isTable(entry[1]));
  const engineIds = toEngineIds(tables.map(([id]) => id));
  const legacy = toLegacyEdits(table);
  const inFile = new Set(Object.keys(findTable(table, ['model_providers']) ?? {}));
  const wires = tables.flatMap(([id, provider]): [string, ProviderWire][] => {
    const wire = findWire(withBaseUrl(provider, local.baseUrls.get(id)));
    return wire === undefined ? [] : [[id, wire]];
  });
  return {
    edits: [
      ...wires.filter(([id]) => inFile.has(id)).map(([id]) => toWireEdit(id, defined[id])),
      ...legacy.edits,
      ...[...engineIds]
        .filter(([id]) => inFile.has(id))
        .map(([from, to]): ConfigEdit => ({ kind: 'rename-provider', from, to })),
    ],
    providers: wires.map(([id, wire]) => toProvider(id, wire, withBaseUrl(defined[id], local.baseUrls.get(id)))),
    baseUrls: new Map([...local.baseUrls].filter(([id]) => wires.every(([other]) => other !== id))),
    engineIds,
    localProviderId: [...local.baseUrls.keys()][0],
    threadPolicy: legacy.threadPolicy,
    warnings: [
      ...wires.map(([id, wire]) => toWireWarning(id, wire)),
      ...legacy.warnings,
      ...local.warnings,
      ...toLandlockWarnings(table),
    ],
  };
}

/** The server switches it off on the engine's command line. */
const toLandlockWarnings = (table: TomlTable): string[] =>
  findTable(table, ['features'])?.use_legacy_landlock === true
    ? ['features.use_legacy_landlock is left out: the engine could run no command with it.']
    : [];

const withBaseUrl = (provider: unknown, baseUrl: string | undefined): TomlTable => ({
  ...(isTable(provider) ? provider : {}),
  ...(baseUrl === undefined ? {} : { base_url: baseUrl }),
});

/** Other ids where the engine would refuse the file, or could not be told more about the provider on its command line. */
function toEngineIds(ids: readonly string[]): Map<string, string> {
  const taken = new Set(ids);
  return new Map(
    ids
      .filter((id) => BUILT_IN.has(id) || !/^[A-Za-z0-9_-]+$/.test(id))
      .map((id) => {
        let engineId = `${id.replaceAll(/[^A-Za-z0-9_-]/g, '-')}-custom`;
        while (taken.has(engineId)) {
          engineId += '-';
        }
        taken.add(engineId);
        return [id, engineId];
      }),
  );
}

function toWireEdit(id: string, provider: unknown): ConfigEdit {
  const { wire_api: from } = provider as { wire_api: string };
  return { kind: 'set', path: ['model_providers', id, 'wire_api'], from, to: 'responses' };
}

const toWireWarning = (id: string, wire: ProviderWire): string =>
  `The provider "${id}" does not speak the Responses API: it became one of the model gateway (${wire} wire).`;

function toProvider(id: string, wire: ProviderWire, provider: TomlTable): ModelProvider {
  const { name, base_url: baseUrl, stream_idle_timeout_ms: idleTimeoutMs } = provider;
  const headers = ['http_headers', 'env_http_headers'].flatMap((key) => Object.keys(findTable(provider, [key]) ?? {}));
  return {
    id,
    name: typeof name === 'string' && name !== '' ? name : id,
    wire,
    baseUrl: typeof baseUrl === 'string' ? baseUrl.replace(/\/+$/, '') : '',
    headerNames: headers.map((header) => header.toLowerCase()),
    idleTimeoutMs: typeof idleTimeoutMs === 'number' && idleTimeoutMs > 0 ? idleTimeoutMs : DEFAULT_IDLE_TIMEOUT_MS,
  };
}
