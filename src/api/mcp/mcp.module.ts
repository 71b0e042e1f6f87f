import { Module } from '@nestjs/common';
import { McpController } from './mcp.controller.js';
import { McpConfig } from './mcp-config.js';

@Module({ controllers: [McpController], providers: [McpConfig] })
export class McpModule {}
