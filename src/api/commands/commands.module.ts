import { Module } from '@nestjs/common';
import { SandboxPolicies } from '../resources/sandbox-policies.js';
import { CommandsController } from './commands.controller.js';

@Module({ controllers: [CommandsController], providers: [SandboxPolicies] })
export class CommandsModule {}
