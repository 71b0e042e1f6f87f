import { ApiSchema } from '@nestjs/swagger';
import { type TurnDto } from '../resources/turn.views.js';

@ApiSchema({ description: "A review is a turn; its result is the turn's `exited_review_mode` item." })
export class ReviewDto {
  /** The id of its turn. */
  review_id!: string;
  thread_id!: string;
  turn!: TurnDto;
}
