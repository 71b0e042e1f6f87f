import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { type Logger } from 'pino';
import { AccountModule } from './api/account/account.module.js';
import { ApprovalsModule } from './api/approvals/approvals.module.js';
import { AttachmentsModule } from './api/attachments/attachments.module.js';
import { CommandsModule } from './api/commands/commands.module.js';
import { ConfigModule } from './api/config/config.module.js';
import { EventsModule } from './api/events/events.module.js';
import { FeedbackModule } from './api/feedback/feedback.module.js';
import { HealthModule } from './api/health/health.module.js';
import { McpModule } from './api/mcp/mcp.module.js';
import { ModelsModule } from './api/models/models.module.js';
import { ReviewsModule } from './api/reviews/reviews.module.js';
import { SkillsModule } from './api/skills/skills.module.js';
import { ThreadsModule } from './api/threads/threads.module.js';
import { TurnsModule } from './api/turns/turns.module.js';
import { type CorePorts, coreProviders, type CoreServices } from './core/core-services.js';
import { HttpModule } from './http/http.module.js';
import { ConfigAdmin } from './http/workspace/config-admin.js';
import { WorkspaceRoots } from './http/workspace/workspace-roots.js';
import { type Settings } from './settings/settings.js';

export interface AppParts {
  settings: Settings;
  logger: Logger;
  ports: CorePorts;
  services: CoreServices;
}

const NATIVE_API = [
  ThreadsModule,
  TurnsModule,
  EventsModule,
  ApprovalsModule,
  AccountModule,
  ConfigModule,
  ModelsModule,
  SkillsModule,
  McpModule,
  ReviewsModule,
  CommandsModule,
  AttachmentsModule,
  FeedbackModule,
];

/** The composition root: which adapters and which front doors this process has. */
@Module({})
export class AppModule {
  static register({ settings, logger, ports, services }: AppParts): DynamicModule {
    const roots = { provide: WorkspaceRoots, useValue: new WorkspaceRoots(settings.workspaceRoots) };
    const admin = { provide: ConfigAdmin, useValue: new ConfigAdmin(settings.allowsConfigAdmin) };
    const core = [...coreProviders(ports, services), roots, admin] as Exclude<Provider, new () => unknown>[];
    return {
      module: AppModule,
      global: true,
      imports: [
        HttpModule.register({ settings }, logger, services.idempotency),
        HealthModule,
        ...(settings.dialects.includes('v2') ? NATIVE_API : []),
      ],
      providers: core,
      exports: core,
    };
  }
}
