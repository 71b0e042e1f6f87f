import { ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Length,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { APPROVAL_STATUSES, type ApprovalStatus, type Decision, DECISIONS } from '../../core/approvals/approval.js';
import { PageQueryDto } from '../../http/validation/page-query.dto.js';
import { GrantedPermissionsDto } from './granted-permissions.dto.js';
import { IsAnswers } from './is-answers.js';

@ApiSchema({ description: 'A host that commands may reach, or may not, from now on.' })
export class NetworkAmendmentDto {
  /** The host that the approval is about. */
  @IsString()
  @Length(1, 253)
  host!: string;

  @IsIn(['allow', 'deny'])
  action!: 'allow' | 'deny';
}

@ApiSchema({
  description: 'What holds from now on, in all threads: it becomes a rule (`GET /api/v2/rules`). One of the two.',
})
export class AmendmentsDto {
  /** A command prefix, such as `["git", "push"]`: the proposed one, or a longer one that begins with all of it. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsString({ each: true })
  execpolicy?: string[];

  @IsOptional()
  @ValidateNested()
  @Type(() => NetworkAmendmentDto)
  network?: NetworkAmendmentDto;
}

const TOOL_CONTENT_TYPES = ['text', 'image', 'audio'] as const;

@ApiSchema({ description: 'A part of what a tool gave; the key that belongs to its type is required.' })
export class ToolContentDto {
  @IsIn(TOOL_CONTENT_TYPES)
  type!: (typeof TOOL_CONTENT_TYPES)[number];

  /** Of `text`. */
  @ValidateIf(({ type, text }: ToolContentDto) => type === 'text' || text !== undefined)
  @IsString()
  text?: string;

  /** Of `image`: a URL, which may be a data URL. */
  @ValidateIf(({ type, image_url: url }: ToolContentDto) => type === 'image' || url !== undefined)
  @IsString()
  image_url?: string;

  /** Of `audio`: a URL, which may be a data URL. */
  @ValidateIf(({ type, audio_url: url }: ToolContentDto) => type === 'audio' || url !== undefined)
  @IsString()
  audio_url?: string;
}

@ApiSchema({ description: 'What a tool of the caller gave.' })
export class ToolResultDto {
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => ToolContentDto)
  content!: ToolContentDto[];

  /** Whether the tool did what it was asked. Default: true. */
  @IsOptional()
  @IsBoolean()
  success?: boolean;
}

@ApiSchema({ description: 'The answer to an approval: the decision, and what its kind needs beside it.' })
export class AnswerApprovalDto {
  /** One of the approval's `available_decisions`. `decline` lets the turn go on without it; `cancel` interrupts the turn. */
  @IsIn(DECISIONS)
  decision!: Decision;

  /** For kind `command_execution`; needs the scope `admin` beside `approve`. */
  @IsOptional()
  @ValidateNested()
  @Type(() => AmendmentsDto)
  amendments?: AmendmentsDto;

  /** For kind `user_input`: a list of strings for each question id. */
  @IsOptional()
  @IsAnswers()
  answers?: Record<string, string[]>;

  /** For kind `mcp_elicitation`: the form's content. */
  @IsOptional()
  @IsObject()
  content?: Record<string, unknown>;

  /** For kind `permissions`: what is granted of what was asked for; nothing beyond it ever is. Default: all of it. */
  @IsOptional()
  @ValidateNested()
  @Type(() => GrantedPermissionsDto)
  permissions?: GrantedPermissionsDto;

  /** For kind `tool_call`: what the tool gave. */
  @IsOptional()
  @ValidateNested()
  @Type(() => ToolResultDto)
  result?: ToolResultDto;
}

export class ListApprovalsQueryDto extends PageQueryDto {
  @IsOptional()
  @IsIn(APPROVAL_STATUSES)
  status?: ApprovalStatus;
}
