import { Module } from '@nestjs/common';
import { ErrorShapes } from '../../http/dialects/error-shapes.js';
import { openAiShape } from '../openai/errors.js';
import { RequestReader } from '../openai/request-reader.js';
import { Answers } from './answers.js';
import { ChatService } from './chat-service.js';
import { ChatPoints } from './chat-points.js';
import { ChatRequests } from './chat-requests.js';
import { ChatTurns } from './chat-turns.js';
import { ChatCompletionsController } from './completions.controller.js';
import { OLLAMA_ERRORS } from './errors.js';
import { ModelList } from './model-list.js';
import { ChatModelsController } from './models.controller.js';
import { OllamaController } from './ollama.controller.js';
import { TakenCalls } from './taken-calls.js';
import { WarmThreads } from './warm-threads.js';

@Module({
  controllers: [ChatCompletionsController, ChatModelsController, OllamaController],
  providers: [
    Answers,
    ChatService,
    ChatPoints,
    ChatRequests,
    ChatTurns,
    ModelList,
    RequestReader,
    TakenCalls,
    WarmThreads,
  ],
})
export class ChatModule {
  constructor(shapes: ErrorShapes) {
    shapes.register(openAiShape(['/v1']));
    shapes.register(OLLAMA_ERRORS);
  }
}
