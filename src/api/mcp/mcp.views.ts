import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { maskSecrets } from '../../core/engine/mask-secrets.js';
import { type Payload } from '../../core/engine/engine.js';
import { engine, nullable } from '../resources/engine-schema.js';

@ApiSchema({ description: 'A page of tool servers.' })
export class McpServerPageDto {
  @ApiProperty({ type: 'array', items: engine('McpServerStatus') })
  data!: unknown[];

  /** For the next page; `null` on the last. */
  next_cursor!: string | null;
}

@ApiSchema({ description: 'A tool server: what is known of it, and how it is configured.' })
export class McpServerDto {
  name!: string;

  @ApiProperty({ ...nullable(engine('McpServerStatus')), description: 'Its tools, resources and state.' })
  status!: unknown;

  /** As in `config.toml`, secrets masked; `null` for one that a plugin brought. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  config!: Record<string, unknown> | null;
}

@ApiSchema({ description: 'The tool servers were loaded again.' })
export class McpRefreshedDto {
  @ApiProperty({ enum: ['reloaded'] })
  status!: 'reloaded';
}

@ApiSchema({
  description: 'Where the user logs in; `mcpServer/oauthLogin/completed` follows on the server-wide event stream.',
})
export class McpLoginDto {
  auth_url!: string;
}

export function toMcpServer(name: string, status: Payload | undefined, config: unknown): Record<string, unknown> {
  return { name, status: status ?? null, config: config === undefined ? null : maskSecrets(config) };
}
