import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type View } from '../../http/view.js';
import { type ModelCard } from './model-cards.js';

/** The release of Ollama whose answers these are like; its clients refuse a server that says it is much older. */
export const OLLAMA_VERSION = '0.12.10';

@ApiSchema({ name: 'OllamaVersion', description: 'Which Ollama the shapes of these answers are like.' })
export class OllamaVersionDto {
  @ApiProperty({ example: OLLAMA_VERSION })
  version!: string;
}

@ApiSchema({
  name: 'OllamaDetails',
  description: 'What Ollama tells of a model file; there is none, so it is all unknown.',
})
export class OllamaDetailsDto {
  parent_model!: string;
  format!: string;
  family!: string;
  families!: string[];
  parameter_size!: string;
  quantization_level!: string;
}

@ApiSchema({ name: 'OllamaModel', description: 'A model, as Ollama lists it.' })
export class OllamaModelDto {
  name!: string;
  model!: string;
  /** Always the start of Unix time: the engine does not know. */
  modified_at!: string;
  /** Always 0: nothing is stored here. */
  @ApiProperty({ type: 'integer' })
  size!: number;
  /** Always empty. */
  digest!: string;
  details!: OllamaDetailsDto;
}

@ApiSchema({ name: 'OllamaTags', description: 'All models, as Ollama lists them.' })
export class OllamaTagsDto {
  models!: OllamaModelDto[];
}

@ApiSchema({ name: 'OllamaShow', description: 'A model, as Ollama shows it.' })
export class OllamaShowDto {
  modelfile!: string;
  parameters!: string;
  template!: string;
  details!: OllamaDetailsDto;
  @ApiProperty({ type: 'object', additionalProperties: true })
  model_info!: Record<string, unknown>;
  /** `completion` and `tools`, and `vision` or `thinking` where the model does that. */
  capabilities!: string[];
  modified_at!: string;
}

@ApiSchema({ name: 'OllamaError', description: 'Why a request failed, as Ollama says it.' })
export class OllamaErrorDto {
  error!: string;
}

const UNKNOWN_TIME = '1970-01-01T00:00:00Z';

export function toTagsView(cards: readonly ModelCard[]): View<OllamaTagsDto> {
  return { models: cards.map(toModelView) };
}

export function toShowView(card: ModelCard): View<OllamaShowDto> {
  const { ownedBy, model, takesImages, efforts } = card;
  return {
    modelfile: '',
    parameters: '',
    template: '',
    details: toDetails(card),
    model_info: { 'general.architecture': ownedBy, 'general.basename': model },
    capabilities: [
      'completion',
      'tools',
      ...(takesImages ? ['vision'] : []),
      ...(efforts.length > 0 ? ['thinking'] : []),
    ],
    modified_at: UNKNOWN_TIME,
  };
}

function toModelView(card: ModelCard): View<OllamaModelDto> {
  return { name: card.id, model: card.id, modified_at: UNKNOWN_TIME, size: 0, digest: '', details: toDetails(card) };
}

function toDetails({ ownedBy }: ModelCard): View<OllamaDetailsDto> {
  return {
    parent_model: '',
    format: '',
    family: ownedBy,
    families: [ownedBy],
    parameter_size: '',
    quantization_level: '',
  };
}
