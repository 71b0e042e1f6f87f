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
  ValidateNested,
} from 'class-validator';
import { APPROVAL_STATUSES, type ApprovalStatus, type Decision, DECISIONS } from '../../core/approvals/approval.js';
import { PageQueryDto } from '../../http/validation/page-query.dto.js';
import { IsAnswers } from './is-answers.js';

export class NetworkAmendmentDto {
  /** A host name, as the engine proposed it or another. */
  @IsString()
  @Length(1, 253)
  host!: string;

  @IsIn(['allow', 'deny'])
  action!: 'allow' | 'deny';
}

/** What is allowed from now on, beside the command itself. One of the two. */
export class AmendmentsDto {
  /** A command prefix, such as `["git", "push"]`: the proposed one, or a longer one. */
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

export class ToolResultDto {
  /** `{type: "text", text}` or `{type: "image", image_url}`. */
  @IsArray()
  @ArrayMaxSize(100)
  @IsObject({ each: true })
  content!: Record<string, unknown>[];

  /** Whether the tool did what it was asked. Default: true. */
  @IsOptional()
  @IsBoolean()
  success?: boolean;
}

export class AnswerApprovalDto {
  /** One of the approval's `available_decisions`. `decline` lets the turn go on without it; `cancel` interrupts the turn. */
  @IsIn(DECISIONS)
  decision!: Decision;

  /** For kind `command_execution`. */
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

  /** For kind `permissions`: what is granted. Default: what was asked for. */
  @IsOptional()
  @IsObject()
  permissions?: Record<string, unknown>;

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
