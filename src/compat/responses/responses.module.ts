import { type Server } from 'node:http';
import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { MaintenanceJobs } from '../../core/maintenance.js';
import { ErrorShapes } from '../../http/dialects/error-shapes.js';
import { openAiShape } from '../openai/errors.js';
import { RequestReader } from '../openai/request-reader.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { RESPONSE_PARTS } from './response-parts.js';
import { ResponsesController } from './responses.controller.js';
import { LiveRuns } from './runs/live-runs.js';
import { ResponseSocketController } from './socket/response-socket.controller.js';
import { ResponseSockets } from './socket/response-sockets.js';
import { ResponseRetention } from './store/response-retention.js';

@Module({
  controllers: [ResponsesController, ResponseSocketController, ConversationsController],
  providers: [RequestReader, ...RESPONSE_PARTS],
})
export class ResponsesModule implements OnApplicationBootstrap, OnModuleDestroy {
  @Inject(LiveRuns)
  private readonly runs!: LiveRuns;

  @Inject(ResponseSockets)
  private readonly sockets!: ResponseSockets;

  @Inject(HttpAdapterHost)
  private readonly host!: HttpAdapterHost;

  @Inject(MaintenanceJobs)
  private readonly maintenanceJobs!: MaintenanceJobs;

  @Inject(ResponseRetention)
  private readonly retention!: ResponseRetention;

  constructor(shapes: ErrorShapes) {
    shapes.register(openAiShape(['/v1']));
  }

  onApplicationBootstrap(): void {
    this.runs.recover();
    this.maintenanceJobs.add(this.retention.job);
    this.sockets.listen(this.host.httpAdapter.getHttpServer() as Server);
  }

  onModuleDestroy(): void {
    this.sockets.close();
  }
}
