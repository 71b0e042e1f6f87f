import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ServiceError } from '../../core/errors.js';
import { type View } from '../../http/view.js';
import { ModelList } from './model-list.js';
import {
  OLLAMA_VERSION,
  OllamaShowDto,
  OllamaTagsDto,
  OllamaVersionDto,
  toShowView,
  toTagsView,
} from './ollama.views.js';

const showRequest = z
  .strictObject({
    model: z.string().min(1).optional().describe('The model to show.'),
    name: z.string().min(1).optional().describe('The same, as older clients say it.'),
    verbose: z.boolean().optional().describe('Makes no difference here.'),
  })
  .refine(({ model, name }) => model !== undefined || name !== undefined, { path: ['model'], message: 'is missing' })
  .meta({ id: 'OllamaShowRequest', description: 'Which model to show.' });

/** What clients of Ollama ask before they talk to its `/v1`. */
@ApiTags('chat')
@Controller('api')
export class OllamaController {
  readonly #models: ModelList;

  constructor(models: ModelList) {
    this.#models = models;
  }

  @ApiOperation({ summary: 'Which Ollama this server is like' })
  @ApiOkResponse({ type: OllamaVersionDto })
  @Get('version')
  getOllamaVersion(): View<OllamaVersionDto> {
    return { version: OLLAMA_VERSION };
  }

  /** The models of `GET /v1/models`. */
  @ApiOperation({ summary: 'List models, as Ollama does' })
  @ApiOkResponse({ type: OllamaTagsDto })
  @Get('tags')
  async listOllamaTags(): Promise<View<OllamaTagsDto>> {
    return toTagsView(await this.#models.list());
  }

  /** Says what the model can do. */
  @ApiOperation({ summary: 'Show a model, as Ollama does' })
  @ApiOkResponse({ type: OllamaShowDto })
  @HttpCode(200)
  @Post('show')
  async showOllamaModel(
    @Body({ schema: showRequest }) body: z.infer<typeof showRequest>,
  ): Promise<View<OllamaShowDto>> {
    const id = body.model ?? body.name ?? '';
    const card = await this.#models.find(id);
    if (!card) {
      throw new ServiceError('not_found', `model '${id}' not found`);
    }
    return toShowView(card);
  }
}
