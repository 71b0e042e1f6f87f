import { type Payload } from '../../core/engine/engine.js';
import { type EngineClient } from '../engine-client.js';
import { type SkillsListResponse } from '../protocol/generated/types.js';

/** What an operator has switched on for agents, which a bare model is not to have. */
export interface OperatorConfig {
  /** Names of MCP servers, whichever file defines them. */
  mcpServers: readonly string[];
  /** Keys of the table `features`. */
  features: readonly string[];
  /** Names of skills. The engine puts the text of one before the model whenever a caller's text has its name after a `$`. */
  skills: readonly string[];
}

/** Features of the connection to the model, and of the login: they put nothing into a request. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'api_key_model_discovery',
  'enable_request_compression',
  'network_proxy',
  'respect_system_proxy',
  'secret_auth_storage',
  'system_proxy_fallback',
  'unbounded_connection_retries',
  'use_agent_identity',
]);

/**
 * Reads it for a thread in this folder, from all files that have a say there.
 *
 * @param models asks the processes of bare models, which find some of the skills in spite of their home of their own
 */
export async function readOperatorConfig(
  { agents, models }: Record<'agents' | 'models', Pick<EngineClient, 'call'>>,
  cwd: string | undefined,
): Promise<OperatorConfig> {
  const [{ config }, { data }] = await Promise.all([
    agents.call<{ config: Payload }>('config/read', { includeLayers: false, cwd: cwd ?? null }),
    models.call<SkillsListResponse>('skills/list', cwd === undefined ? {} : { cwds: [cwd] }),
  ]);
  return {
    mcpServers: keysOf(config.mcp_servers),
    features: keysOf(config.features).filter((key) => !OF_THE_CONNECTION.has(key)),
    skills: [...new Set(data.flatMap(({ skills }) => skills.map(({ name }) => name)))],
  };
}

function keysOf(table: unknown): string[] {
  return typeof table === 'object' && table !== null ? Object.keys(table) : [];
}
