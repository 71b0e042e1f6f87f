import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type View } from '../../http/view.js';
import { OpenAiFault } from '../openai/errors.js';
import { ModelList } from './model-list.js';
import { ChatModelDto, ChatModelListDto, toModelListView, toModelView } from './models.views.js';

@ApiTags('chat')
@Controller('v1/models')
export class ChatModelsController {
  readonly #models: ModelList;

  constructor(models: ModelList) {
    this.#models = models;
  }

  /** With `--expose-reasoning-models`, also each model once for each effort: `MODEL-high` thinks with the effort `high`. */
  @ApiOperation({ summary: 'List models, as OpenAI does' })
  @ApiOkResponse({ type: ChatModelListDto })
  @Get()
  async listChatModels(): Promise<View<ChatModelListDto>> {
    return toModelListView(await this.#models.list());
  }

  /** Also a variant that is not listed. */
  @ApiOperation({ summary: 'Get a model, as OpenAI does' })
  @ApiOkResponse({ type: ChatModelDto })
  @Get(':model')
  async getChatModel(@Param('model') id: string): Promise<View<ChatModelDto>> {
    const card = await this.#models.find(id);
    if (!card) {
      throw new OpenAiFault('not_found', `The model '${id}' does not exist here; GET /v1/models lists those that do.`, {
        openAiCode: 'model_not_found',
        param: 'model',
      });
    }
    return toModelView(card);
  }
}
