import { type ConfigKeyTable } from '../../core/permissions/config-keys.js';
import { type EngineClient } from '../engine-client.js';
import { CONFIG_KEYS } from '../protocol/config-keys.js';
import { CodexAccounts } from './codex-accounts.js';
import { CodexModels, CodexSkills } from './codex-catalogue.js';
import { CodexCommandRunner } from './codex-command-runner.js';
import { CodexConfiguration } from './codex-configuration.js';
import { CodexView } from './codex-view.js';
import { CodexMcpServers } from './codex-mcp-servers.js';

/** What the engine does beside running threads, a port at a time. */
export interface AgentServices {
  accounts: CodexAccounts;
  configuration: CodexConfiguration;
  models: CodexModels;
  skills: CodexSkills;
  mcpServers: CodexMcpServers;
  commands: CodexCommandRunner;
  view: CodexView;
  configKeys: ConfigKeyTable;
}

export function createAgentServices(client: EngineClient): AgentServices {
  return {
    accounts: new CodexAccounts(client),
    configuration: new CodexConfiguration(client),
    models: new CodexModels(client),
    skills: new CodexSkills(client),
    mcpServers: new CodexMcpServers(client),
    commands: new CodexCommandRunner(client),
    view: new CodexView(client),
    configKeys: CONFIG_KEYS,
  };
}
