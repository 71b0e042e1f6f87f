import { type EffectiveValue } from '../../core/engine/effective-value.js';
import { findTable } from './config-edits.js';
import { type EngineConfig } from './engine-config.js';
import { LEGACY_POLICIES } from './legacy-values.js';

/** What the command line or the environment says; `null`: neither does. */
export interface GivenValue {
  value: string;
  source: 'flag' | 'env';
  origin: string;
}

export interface GivenValues {
  model: GivenValue | null;
  modelProvider: GivenValue | null;
  /** Of the provider that the environment describes. */
  baseUrl?: GivenValue | null;
  approvalPolicy: GivenValue | null;
}

type Name = EffectiveValue['name'];

const DEFAULT_PROVIDER = 'openai';

/** The command line wins over the environment, that over the file, and that over what the agent does by itself. */
export function toEffectiveValues(given: GivenValues, config: EngineConfig): EffectiveValue[] {
  const { table, path, exists } = config;
  const provider = toValue('model_provider', given.modelProvider, table.model_provider, config);
  const id = provider.value ?? DEFAULT_PROVIDER;
  const baseUrl = toShownUrl(findTable(table, ['model_providers', id])?.base_url);
  return [
    toValue('model', given.model, table.model, config),
    { ...provider, value: id },
    findLocalUrl(id, config) ?? toValue('base_url', given.baseUrl ?? null, baseUrl, config),
    toWire(id, config),
    toValue('approval_policy', given.approvalPolicy, toPolicy(table.approval_policy), config),
    { name: 'config_file', value: exists ? path : null, source: exists ? 'file' : 'default', origin: path },
  ];
}

const toPolicy = (policy: unknown): unknown =>
  typeof policy === 'string' ? (LEGACY_POLICIES[policy] ?? policy) : policy;

function toValue(name: Name, given: GivenValue | null, inFile: unknown, { path }: EngineConfig): EffectiveValue {
  if (given) {
    return { name, ...given };
  }
  return typeof inFile === 'string'
    ? { name, value: inFile, source: 'file', origin: path }
    : { name, value: null, source: 'default', origin: null };
}

function findLocalUrl(id: string, config: EngineConfig): EffectiveValue | undefined {
  const { translation } = config;
  if (translation.localProviderId !== id) {
    return undefined;
  }
  const value = toShownUrl(config.findProvider(id)?.baseUrl ?? translation.baseUrls.get(id)) ?? null;
  return { name: 'base_url', value, source: 'env', origin: 'OLLAMA_BASE_URL' };
}

function toWire(id: string, { translation, path, table }: EngineConfig): EffectiveValue {
  const wire = translation.providers.find((provider) => provider.id === id)?.wire ?? 'responses';
  const isSaid = findTable(table, ['model_providers', id])?.wire_api !== undefined;
  return { name: 'wire', value: wire, source: isSaid ? 'file' : 'default', origin: isSaid ? path : null };
}

/** Without a user, a password and parameters, any of which may be a secret. */
function toShownUrl(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) {
    return undefined;
  }
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.search = '';
  return shown.href.replace(/\/$/, '');
}
