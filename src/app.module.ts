import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { type Logger } from 'pino';
import { ApprovalsModule } from './api/approvals/approvals.module.js';
import { EventsModule } from './api/events/events.module.js';
import { HealthModule } from './api/health/health.module.js';
import { ThreadsModule } from './api/threads/threads.module.js';
import { TurnsModule } from './api/turns/turns.module.js';
import { type CorePorts, coreProviders, type CoreServices } from './core/core-services.js';
import { HttpModule } from './http/http.module.js';
import { WorkspaceRoots } from './http/workspace/workspace-roots.js';
import { type Settings } from './settings/settings.js';

export interface AppParts {
  settings: Settings;
  logger: Logger;
  ports: CorePorts;
  services: CoreServices;
}

/** The composition root: which adapters and which front doors this process has. */
@Module({})
export class AppModule {
  static register({ settings, logger, ports, services }: AppParts): DynamicModule {
    const roots = { provide: WorkspaceRoots, useValue: new WorkspaceRoots(settings.workspaceRoots) };
    const core = [...coreProviders(ports, services), roots] as Exclude<Provider, new () => unknown>[];
    return {
      module: AppModule,
      global: true,
      imports: [
        HttpModule.register({ settings }, logger),
        HealthModule,
        ...(settings.dialects.includes('v2') ? [ThreadsModule, TurnsModule, EventsModule, ApprovalsModule] : []),
      ],
      providers: core,
      exports: core,
    };
  }
}
