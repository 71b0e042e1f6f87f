import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request } from 'express';
import { McpServers } from '../../core/engine/mcp-servers.js';
import { type Payload } from '../../core/engine/engine.js';
import { ServiceError } from '../../core/errors.js';
import { ThreadManager } from '../../core/threads/thread-manager.js';
import { requireAuthority } from '../../http/auth/require-authority.js';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { PageQueryDto } from '../../http/validation/page-query.dto.js';
import { type View } from '../../http/view.js';
import { engine } from '../resources/engine-schema.js';
import { McpConfig } from './mcp-config.js';
import { CallToolDto, McpServerConfigDto } from './mcp.dto.js';
import { McpLoginDto, McpRefreshedDto, McpServerDto, McpServerPageDto, toMcpServer } from './mcp.views.js';
import { NeedsScope } from '../../http/routing/route-metadata.js';

@ApiTags('mcp')
@Controller('api/v2/mcp/servers')
export class McpController {
  constructor(
    private readonly servers: McpServers,
    private readonly config: McpConfig,
    private readonly manager: ThreadManager,
  ) {}

  /** Connects to each server of the page, so it can take as long as the slowest takes to start. */
  @ApiOperation({ summary: 'List MCP servers with their tools' })
  @ApiOkResponse({ type: McpServerPageDto })
  @Get()
  async listMcpServers(@Query() { limit, cursor }: PageQueryDto): Promise<View<McpServerPageDto>> {
    const { data, nextCursor } = await this.servers.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    return { data, next_cursor: nextCursor };
  }

  /** Reads the configuration again, and connects anew. */
  @ApiOperation({ summary: 'Reload all MCP servers' })
  @ApiOkResponse({ type: McpRefreshedDto })
  @NeedsScope('admin')
  @Post('refresh')
  @Idempotent()
  @HttpCode(200)
  async refreshMcpServers(): Promise<View<McpRefreshedDto>> {
    await this.servers.reload();
    return { status: 'reloaded' };
  }

  /** Its tools, resources and state; 404 for a name that is neither configured nor running. */
  @ApiOperation({ summary: 'Get an MCP server' })
  @ApiOkResponse({ type: McpServerDto })
  @Get(':name')
  async getMcpServer(@Param('name') name: string): Promise<unknown> {
    const [status, config] = await Promise.all([this.servers.find(name), this.config.find(name)]);
    if (!status && config === undefined) {
      throw new ServiceError('not_found', 'There is no such MCP server.');
    }
    return toMcpServer(name, status, config);
  }

  /** Into the user's `config.toml`. Needs `--allow-config-admin`, since it can make the engine run any program. */
  @ApiOperation({ summary: 'Add or change an MCP server' })
  @ApiOkResponse({ type: McpServerDto })
  @NeedsScope('admin')
  @Put(':name')
  async putMcpServer(@Param('name') name: string, @Body() body: McpServerConfigDto): Promise<unknown> {
    await this.config.put(name, Object.fromEntries(Object.entries(body)));
    return this.getMcpServer(name);
  }

  /** Out of the user's `config.toml`. Needs `--allow-config-admin`. */
  @ApiOperation({ summary: 'Remove an MCP server' })
  @ApiNoContentResponse()
  @NeedsScope('admin')
  @Delete(':name')
  @HttpCode(204)
  async deleteMcpServer(@Param('name') name: string): Promise<void> {
    await this.config.delete(name);
  }

  /** For a server over HTTP that wants OAuth. */
  @ApiOperation({ summary: 'Begin an OAuth login to an MCP server' })
  @ApiOkResponse({ type: McpLoginDto })
  @NeedsScope('admin')
  @Post(':name/auth')
  @Idempotent()
  @HttpCode(200)
  async loginToMcpServer(@Param('name') name: string): Promise<View<McpLoginDto>> {
    const { authUrl } = await this.servers.login(name);
    return { auth_url: authUrl };
  }

  /** A tool's own failure is an answer too: `is_error` says so. */
  @ApiOperation({ summary: 'Call a tool of an MCP server' })
  @ApiOkResponse({ schema: engine('McpServerToolCallResponse'), description: 'What the tool gave.' })
  @Post(':name/tools/:tool')
  @Idempotent('refuse')
  @HttpCode(200)
  async callMcpTool(
    @Param('name') server: string,
    @Param('tool') tool: string,
    @Body() { thread_id: threadId, arguments: input }: CallToolDto,
    @Req() req: Request,
  ): Promise<Payload> {
    const thread = await this.manager.require(threadId);
    await thread.prepare(requireAuthority(req));
    return this.servers.callTool(thread.record.engineThreadId, { server, tool, arguments: input ?? {} });
  }
}
