import { ApiProperty } from '@nestjs/swagger';
import { engine } from '../resources/engine-schema.js';

export class SkillListDto {
  @ApiProperty({ type: 'array', items: engine('SkillsListEntry'), description: 'An entry for each folder.' })
  data!: unknown[];

  /** Always `null`: all of them are in one page. */
  @ApiProperty({ type: 'null' })
  next_cursor!: null;
}

/** What is in force for a skill now. */
export class SkillConfiguredDto {
  name!: string;
  enabled!: boolean;
}
