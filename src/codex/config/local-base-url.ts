import { findTable, type TomlTable } from './config-edits.js';

interface LocalProvider {
  /** Providers that no file defines. */
  added: Readonly<Record<string, TomlTable>>;
  /** By provider. */
  baseUrls: ReadonlyMap<string, string>;
  warnings: readonly string[];
}

/** The providers that `OLLAMA_BASE_URL` speaks of: servers of local models. */
const LOCAL_NAMES: Readonly<Record<string, string>> = { ollama: 'Ollama', lmstudio: 'LM Studio' };

/**
 * What `OLLAMA_BASE_URL` means: where the local provider in force is. One that the file does not define speaks the chat
 * wire, as it did when the variable was in use.
 */
export function toLocalProvider(url: string | undefined, inForce: string | null, table: TomlTable): LocalProvider {
  if (url === undefined || url === '') {
    return { added: {}, baseUrls: new Map(), warnings: [] };
  }
  const name = LOCAL_NAMES[inForce ?? ''];
  if (inForce === null || name === undefined) {
    const why = `OLLAMA_BASE_URL has no effect: the provider is "${inForce ?? 'openai'}", neither ollama nor lmstudio.`;
    return { added: {}, baseUrls: new Map(), warnings: [why] };
  }
  const isDefined = findTable(table, ['model_providers', inForce]) !== undefined;
  const warning = `OLLAMA_BASE_URL became model_providers.${inForce}.base_url${isDefined ? '' : ', on the chat wire'}.`;
  return {
    added: isDefined ? {} : { [inForce]: { name, wire_api: 'chat' } },
    baseUrls: new Map([[inForce, withPath(url)]]),
    warnings: [warning],
  };
}

/** The address of the server alone stands for its OpenAI-compatible API. */
function withPath(url: string): string {
  const bare = url.replace(/\/+$/, '');
  return URL.canParse(bare) && new URL(bare).pathname === '/' ? `${bare}/v1` : bare;
}
