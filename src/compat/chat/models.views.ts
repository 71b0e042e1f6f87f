import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type View } from '../../http/view.js';
import { type ModelCard } from './model-cards.js';

@ApiSchema({ name: 'ChatModel', description: 'A model, as the OpenAI API describes one.' })
export class ChatModelDto {
  @ApiProperty({ example: 'gpt-5.5' })
  id!: string;

  @ApiProperty({ enum: ['model'] })
  object!: 'model';

  /** Always 0: the engine does not know when a model was made. */
  @ApiProperty({ type: 'integer' })
  created!: number;

  /** The provider in use. */
  owned_by!: string;
}

@ApiSchema({ name: 'ChatModelList', description: 'All models, the configured one first.' })
export class ChatModelListDto {
  @ApiProperty({ enum: ['list'] })
  object!: 'list';

  data!: ChatModelDto[];
}

export function toModelView({ id, ownedBy }: ModelCard): View<ChatModelDto> {
  return { id, object: 'model', created: 0, owned_by: ownedBy };
}

export function toModelListView(cards: readonly ModelCard[]): View<ChatModelListDto> {
  return { object: 'list', data: cards.map(toModelView) };
}
