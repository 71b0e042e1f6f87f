import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
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
import { RulesModule } from './api/rules/rules.module.js';
import { SkillsModule } from './api/skills/skills.module.js';
import { ThreadsModule } from './api/threads/threads.module.js';
import { TurnsModule } from './api/turns/turns.module.js';
import { BridgeModule } from './compat/bridge/bridge.module.js';
import { MessagesModule } from './compat/messages/messages.module.js';
import { ChatModule } from './compat/chat/chat.module.js';
import { ResponsesModule } from './compat/responses/responses.module.js';
import { type CorePorts, coreProviders, type CoreServices } from './core/core-services.js';
import { DialectSettings } from './http/dialects/dialect-settings.js';
import { HttpModule } from './http/http.module.js';
import { type Dialect, type Settings } from './settings/settings.js';
import { type Telemetry } from './start-telemetry.js';

export interface AppParts {
  settings: Settings;
  logger: Logger;
  ports: CorePorts;
  services: CoreServices;
  telemetry: Pick<Telemetry, 'metrics' | 'tracer'>;
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
  RulesModule,
  McpModule,
  ReviewsModule,
  CommandsModule,
  AttachmentsModule,
  FeedbackModule,
];

/** The modules of each front door. */
const FRONT_DOORS: Readonly<Record<Dialect, readonly Type[]>> = {
  v2: NATIVE_API,
  responses: [ResponsesModule],
  chat: [ChatModule],
  messages: [MessagesModule],
  bridge: [BridgeModule],
};

/** The composition root: which adapters and which front doors this process has. */
@Module({})
export class AppModule {
  static register({ settings, logger, ports, services, telemetry }: AppParts): DynamicModule {
    const dialects = { provide: DialectSettings, useValue: settings };
    const core = [...coreProviders(ports, services), dialects] as Exclude<Provider, new () => unknown>[];
    return {
      module: AppModule,
      global: true,
      imports: [
        HttpModule.register({ settings, ...telemetry }, logger, services.idempotency),
        HealthModule,
        ...settings.dialects.flatMap((dialect) => FRONT_DOORS[dialect]),
      ],
      providers: core,
      exports: core,
    };
  }
}
