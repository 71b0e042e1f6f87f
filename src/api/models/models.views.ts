import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { engine } from '../resources/engine-schema.js';

@ApiSchema({ description: 'A page of models.' })
export class ModelPageDto {
  @ApiProperty({ type: 'array', items: engine('Model') })
  data!: unknown[];

  /** For the next page; `null` on the last. */
  next_cursor!: string | null;
}
