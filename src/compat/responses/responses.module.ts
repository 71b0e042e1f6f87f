import { type Server } from 'node:http';
import { Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ErrorShapes } from '../../http/dialects/error-shapes.js';
import { openAiShape } from '../openai/errors.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { RESPONSE_PARTS } from './response-parts.js';
import { ResponsesController } from './responses.controller.js';
import { LiveRuns } from './runs/live-runs.js';
import { ResponseSocketController } from './socket/response-socket.controller.js';
import { ResponseSockets } from './socket/response-sockets.js';

@Module({
  controllers: [ResponsesController, ResponseSocketController, ConversationsController],
  providers: RESPONSE_PARTS,
})
export class ResponsesModule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #runs: LiveRuns;
  readonly #sockets: ResponseSockets;
  readonly #host: HttpAdapterHost;

  constructor(shapes: ErrorShapes, runs: LiveRuns, sockets: ResponseSockets, host: HttpAdapterHost) {
    shapes.register(openAiShape(['/v1']));
    this.#runs = runs;
    this.#sockets = sockets;
    this.#host = host;
  }

  onApplicationBootstrap(): void {
    this.#runs.recover();
    this.#sockets.listen(this.#host.httpAdapter.getHttpServer() as Server);
  }

  onModuleDestroy(): void {
    this.#sockets.close();
  }
}
