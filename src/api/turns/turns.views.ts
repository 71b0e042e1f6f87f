import { ApiProperty } from '@nestjs/swagger';
import { engine } from '../resources/engine-schema.js';
import { TurnDto } from '../resources/turn.views.js';

export class TurnPageDto {
  data!: TurnDto[];

  /** For the next page; `null` on the last. */
  next_cursor!: string | null;
}

export class ItemEntryDto {
  turn_id!: string;

  @ApiProperty(engine('ThreadItem'))
  item!: unknown;
}

export class ItemPageDto {
  data!: ItemEntryDto[];

  /** For the next page; `null` on the last. */
  next_cursor!: string | null;
}
