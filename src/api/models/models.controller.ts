import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Models } from '../../core/engine/catalogue.js';
import { type Payload } from '../../core/engine/engine.js';
import { toOffsetPage } from '../../http/validation/offset-page.js';
import { type View } from '../../http/view.js';
import { ListModelsQueryDto } from './models.dto.js';
import { ModelPageDto } from './models.views.js';

@ApiTags('models')
@Controller('api/v2/models')
export class ModelsController {
  constructor(private readonly models: Models) {}

  /** As the engine's catalogue has them, the recommended first. */
  @ApiOperation({ summary: 'List models' })
  @ApiOkResponse({ type: ModelPageDto })
  @Get()
  async listModels(@Query() query: ListModelsQueryDto): Promise<View<ModelPageDto>> {
    const { capability, provider } = query;
    const models = await this.models.list(provider);
    const chosen = capability === undefined ? models : models.filter((model) => canDo(model, capability));
    return toOffsetPage(chosen, query);
  }
}

function canDo(model: Payload, capability: string): boolean {
  const modalities = model.input_modalities as string[];
  const efforts = model.supported_reasoning_efforts as { reasoning_effort: string }[];
  return modalities.includes(capability) || efforts.some(({ reasoning_effort: effort }) => effort === capability);
}
