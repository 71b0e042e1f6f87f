import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';
import { AreCallersTools, IsApprovalPolicy, IsMetadata, IsWithout, MayBeAbsent } from '../../http/validation/rules.js';
import { PageQueryDto } from '../../http/validation/page-query.dto.js';
import { THREAD_STATUSES, type ThreadStatus } from '../../core/threads/thread-status.js';
import { engine, exactly } from '../resources/engine-schema.js';

export const SANDBOX_MODES = ['read-only', 'workspace-write', 'danger-full-access'] as const;
/** As a thread's `sandbox` has them. */
const SANDBOX_WORDS = ['read_only', 'workspace_write', 'danger_full_access'] as const;
export type SandboxMode = (typeof SANDBOX_MODES)[number];

/** What a thread works with. Whatever is left out comes from the engine's `config.toml`. */
export class ThreadOptionsDto {
  /** The model's id, as in the engine's configuration. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  model?: string;

  /** The id of a model provider of the engine's configuration. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  model_provider?: string;

  /** The absolute folder that the thread works in, under a workspace root of this server. Default: the first root. */
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  cwd?: string;

  /** When the engine asks: `untrusted`, `on-request`, `never`, or `{granular: {…}}`. Above the token's ceiling: 403. */
  @ApiPropertyOptional(exactly(engine('AskForApproval')))
  @IsOptional()
  @IsApprovalPolicy()
  approval_policy?: string | Record<string, unknown>;

  /**
   * What commands may touch: the `type` of the thread's `sandbox`. The spelling of the engine's configuration, with hyphens,
   * is taken too. Above the token's ceiling: 403.
   */
  @ApiPropertyOptional({ enum: [...SANDBOX_WORDS, ...SANDBOX_MODES] })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.replaceAll('_', '-') : value))
  @IsOptional()
  @IsIn(SANDBOX_MODES)
  sandbox?: SandboxMode;

  /** How long the model thinks, one of the efforts that the model supports (`minimal`, `low`, `medium`, `high` …). */
  @IsOptional()
  @IsString()
  @Length(1, 32)
  reasoning_effort?: string;

  /** Overrides of the engine's configuration, as in `config.toml`. Keys that are not open to callers are refused. */
  @IsOptional()
  @IsObject()
  config?: Record<string, unknown>;

  /** Replaces the engine's own system prompt. */
  @IsOptional()
  @IsString()
  base_instructions?: string;

  /** Instructions beside the system prompt. */
  @IsOptional()
  @IsString()
  developer_instructions?: string;
}

@ApiSchema({
  description: 'What a new thread works with. Whatever is left out comes from the `config.toml` of the engine.',
})
export class CreateThreadDto extends ThreadOptionsDto {
  /** Never written to disk by the engine, not listed, gone when the engine ends. */
  @IsOptional()
  @IsBoolean()
  ephemeral?: boolean;

  /** A name to show. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  name?: string;

  /** Up to 64 strings of the caller's own, by which threads can be found again. */
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string>;

  /**
   * Tools that the caller runs itself: `{type: "function", name, description, input_schema}`. A call becomes an approval
   * of kind `tool_call`. A name that the engine has for a tool of its own (`exec_command`, `read_mcp_resource` …, `mcp__…`)
   * is refused.
   */
  @ApiPropertyOptional({ type: 'array', items: engine('DynamicToolSpec') })
  @IsOptional()
  @IsArray()
  @IsObject({ each: true })
  @AreCallersTools()
  dynamic_tools?: Record<string, unknown>[];
}

@ApiSchema({ description: 'What is to be changed. What is left out stays as it is.' })
export class UpdateThreadDto {
  /** A name to show. */
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  name?: string;

  /** Up to 64 strings of the caller's own, in the place of all that it had. */
  @MayBeAbsent()
  @IsMetadata()
  metadata?: Record<string, string>;
}

@ApiSchema({ description: 'Nothing, or what the thread is to work with from now on.' })
export class ResumeThreadDto extends ThreadOptionsDto {}

@ApiSchema({ description: 'Where the new thread begins, and what it works with.' })
export class ForkThreadDto extends ThreadOptionsDto {
  /** The last turn that the new thread has. Default: all of them. */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  turn_id?: string;
}

@ApiSchema({ description: 'Where the history is to end: one of the two.' })
export class RollbackThreadDto {
  /** This turn becomes the last one. Give this or `num_turns`. */
  @ValidateIf((dto: RollbackThreadDto) => dto.num_turns === undefined || dto.turn_id !== undefined)
  @IsWithout('num_turns')
  @IsString()
  @Length(1, 100)
  turn_id?: string;

  /** How many turns are dropped from the end. Give this or `turn_id`. */
  @ApiPropertyOptional({ type: 'integer' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  num_turns?: number;
}

export class ListThreadsQueryDto extends PageQueryDto {
  /** Threads that have this status now. */
  @IsOptional()
  @IsIn(THREAD_STATUSES)
  status?: ThreadStatus;

  /** Whether archived threads are listed, instead of the others. */
  @IsOptional()
  @IsIn(['true', 'false'])
  archived?: 'true' | 'false';

  /** Part of the name or of the first message, without regard to case. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  search?: string;

  /** Threads that work in exactly this folder. */
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  cwd?: string;

  @IsOptional()
  @IsString()
  @MaxLength(200)
  model_provider?: string;

  /** `metadata[key]=value`, once for each pair that must be there. */
  @IsOptional()
  @IsMetadata()
  @Type(() => Object)
  metadata?: Record<string, string>;

  @IsOptional()
  @IsIn(['created_at', 'updated_at'])
  sort_key?: 'created_at' | 'updated_at';

  @IsOptional()
  @IsIn(['asc', 'desc'])
  sort_direction?: 'asc' | 'desc';
}
