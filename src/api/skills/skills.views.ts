import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { engine } from '../resources/engine-schema.js';

@ApiSchema({ description: 'The skills of each folder.' })
export class SkillListDto {
  @ApiProperty({ type: 'array', items: engine('SkillsListEntry'), description: 'An entry for each folder.' })
  data!: unknown[];

  /** Always `null`: all of them are in one page. */
  @ApiProperty({ type: 'null' })
  next_cursor!: null;
}

@ApiSchema({ description: 'The skill as it is now.' })
export class SkillConfiguredDto {
  name!: string;
  enabled!: boolean;
}
