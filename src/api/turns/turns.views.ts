import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { engine, exactly } from '../resources/engine-schema.js';
import { TurnDto } from '../resources/turn.views.js';

@ApiSchema({ description: 'A page of turns.' })
export class TurnPageDto {
  data!: TurnDto[];

  /** For the next page; `null` on the last. */
  next_cursor!: string | null;
}

@ApiSchema({ description: 'One item, and the turn that it belongs to.' })
export class ItemEntryDto {
  turn_id!: string;

  @ApiProperty(exactly(engine('ThreadItem')))
  item!: unknown;
}

@ApiSchema({ description: 'A page of items.' })
export class ItemPageDto {
  data!: ItemEntryDto[];

  /** For the next page; `null` on the last. */
  next_cursor!: string | null;
}
