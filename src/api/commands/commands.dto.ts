import { ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsEnvironment } from '../../http/validation/is-environment.js';
import { SandboxPolicyDto } from '../resources/sandbox-policy.dto.js';

const NO_NUL = /^[^\0]*$/;

@ApiSchema({ description: 'A command to run in the sandbox, outside of any thread.' })
export class RunCommandDto {
  /** Program and arguments; no shell reads them. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  @Matches(NO_NUL, { each: true, message: 'command must have no NUL character' })
  command!: string[];

  /** An absolute folder under a workspace root. Default: the first root. */
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  cwd?: string;

  /** After which the command is ended, and the answer is 504. Default: 60 s. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(3_600_000)
  timeout_ms?: number;

  /** Added to the environment; `null` takes a variable away. */
  @IsOptional()
  @IsEnvironment()
  env?: Record<string, string | null>;

  /** Default: as configured. */
  @IsOptional()
  @ValidateNested()
  @Type(() => SandboxPolicyDto)
  sandbox_policy?: SandboxPolicyDto;
}
