import { PROVIDER_WIRES, type ProviderWire } from '../../core/engine/model-provider.js';
import { type TomlTable } from './config-edits.js';

/** Providers whose own wire is known by their address, although the file calls it `chat`. */
const WIRES_BY_HOST: readonly [RegExp, ProviderWire][] = [
  [/^api\.anthropic\.com$/, 'anthropic'],
  [/^generativelanguage\.googleapis\.com$/, 'gemini'],
  [/^api\.deepseek\.com$/, 'deepseek'],
];

/** The path under which these providers serve the chat wire beside their own. */
const CHAT_PATH = /\/openai\/?$/;

/**
 * The wire of a provider that the engine can't speak to itself; `undefined` for the Responses API. `wire_api` says it:
 * `chat`, or the name of another wire.
 */
export function findWire({ wire_api: wireApi, base_url: baseUrl }: TomlTable): ProviderWire | undefined {
  const wire = PROVIDER_WIRES.find((known) => known === wireApi);
  if (wire !== 'chat' || typeof baseUrl !== 'string' || !URL.canParse(baseUrl) || CHAT_PATH.test(baseUrl)) {
    return wire;
  }
  const { hostname } = new URL(baseUrl);
  return WIRES_BY_HOST.find(([host]) => host.test(hostname))?.[1] ?? wire;
}
