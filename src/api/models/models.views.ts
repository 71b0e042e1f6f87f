import { ApiProperty } from '@nestjs/swagger';
import { engine } from '../resources/engine-schema.js';

export class ModelPageDto {
  @ApiProperty({ type: 'array', items: engine('Model') })
  data!: unknown[];

  /** For the next page; `null` on the last. */
  next_cursor!: string | null;
}
