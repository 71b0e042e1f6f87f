import { Injectable } from '@nestjs/common';
import { Configuration } from '../../core/engine/configuration.js';
import { McpServers } from '../../core/engine/mcp-servers.js';
import { ServiceError } from '../../core/errors.js';
import { ConfigPolicy } from '../../core/permissions/config-policy.js';

/** The names that the engine accepts. */
const NAME = /^[a-zA-Z0-9_:@/.-]{1,100}$/;

/** The part of the engine's configuration that names its tool servers. */
@Injectable()
export class McpConfig {
  constructor(
    private readonly configuration: Configuration,
    private readonly servers: McpServers,
    private readonly policy: ConfigPolicy,
  ) {}

  /** `undefined` for a server that is not in the configuration. */
  async find(name: string): Promise<unknown> {
    const { config } = await this.configuration.read({ includeLayers: false });
    const servers = (config as { mcp_servers?: Record<string, unknown> | null }).mcp_servers ?? {};
    return Object.hasOwn(servers, name) ? servers[name] : undefined;
  }

  /** Writes it to the user's `config.toml` and connects. Throws `forbidden`, `invalid_request`, `unprocessable`. */
  async put(name: string, config: unknown): Promise<void> {
    await this.#write(name, config);
  }

  /** Throws `not_found` for one that is not in the configuration. */
  async delete(name: string): Promise<void> {
    this.policy.requireAdmin('Removing an MCP server');
    if ((await this.find(name)) === undefined) {
      throw new ServiceError('not_found', 'There is no such MCP server in the configuration.');
    }
    await this.#write(name, null);
  }

  async #write(name: string, value: unknown): Promise<void> {
    this.policy.requireAdmin('Changing an MCP server');
    if (!NAME.test(name) || name === '__proto__') {
      throw new ServiceError('invalid_request', 'The name of an MCP server has letters, digits and _ : @ / . - only.');
    }
    await this.configuration.write([{ keyPath: `mcp_servers."${name}"`, value, mergeStrategy: 'replace' }]);
    await this.servers.reload();
  }
}
