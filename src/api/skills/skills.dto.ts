import { ApiSchema } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

export class ListSkillsQueryDto {
  /** Folders whose skills are asked for, separated by commas or given several times. Default: the first workspace root. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  cwds?: string[];

  /** Whether to read them from the disk again. */
  @IsOptional()
  @IsIn(['true', 'false'])
  force_reload?: 'true' | 'false';
}

@ApiSchema({ description: 'Whether the skill is used.' })
export class ConfigureSkillDto {
  /** Whether the agent may use it. */
  @IsBoolean()
  enabled!: boolean;

  /** The folder whose skills are meant, under a workspace root. Default: the first root. */
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  cwd?: string;
}
