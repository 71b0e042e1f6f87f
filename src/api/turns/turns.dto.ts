import { type Type } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, ApiSchema, getSchemaPath } from '@nestjs/swagger';
import { plainToInstance, Transform, Type as TypeOf } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  ValidateNested,
  type ValidationArguments,
} from 'class-validator';
import { TURN_STATUSES, type TurnStatus } from '../../core/turns/turn-record.js';
import { BUSY_CHOICES, type OnBusy } from '../../core/threads/turn-commands.js';
import { IsApprovalPolicy, IsImageUrl } from '../../http/validation/rules.js';
import { SandboxPolicyDto } from '../resources/sandbox-policy.dto.js';
import { PageQueryDto } from '../../http/validation/page-query.dto.js';
import { engine, exactly } from '../resources/engine-schema.js';

const MAX_INPUT_PARTS = 100;
const MAX_TEXT_CHARS = 1_000_000;
const INPUT_PART_TYPES = ['text', 'image', 'attachment', 'skill', 'mention'] as const;

function toTypeMessage({ value }: ValidationArguments): string {
  const kinds = `one of ${INPUT_PART_TYPES.join(', ')}`;
  return value === undefined ? `type is missing; it must be ${kinds}` : `type must be ${kinds}`;
}

export class InputPartDto {
  @IsIn(INPUT_PART_TYPES, { message: toTypeMessage })
  type!: string;
}

@ApiSchema({ description: 'Words for the agent.' })
export class TextInputDto extends InputPartDto {
  @IsIn(['text'])
  declare type: 'text';

  @IsString()
  @Length(1, MAX_TEXT_CHARS)
  text!: string;
}

@ApiSchema({ description: 'An image for the agent.' })
export class ImageInputDto extends InputPartDto {
  @IsIn(['image'])
  declare type: 'image';

  /** `https:` or `data:image/…;base64,…`. */
  @IsString()
  @IsImageUrl()
  url!: string;

  @IsOptional()
  @IsIn(['auto', 'low', 'high', 'original'])
  detail?: string;
}

@ApiSchema({
  description: 'Shows the agent an uploaded file: an image as it is, any other as a file that it can read.',
})
export class AttachmentInputDto extends InputPartDto {
  @IsIn(['attachment'])
  declare type: 'attachment';

  @IsString()
  @Length(1, 100)
  attachment_id!: string;
}

@ApiSchema({ description: 'Has the agent use a skill.' })
export class SkillInputDto extends InputPartDto {
  @IsIn(['skill'])
  declare type: 'skill';

  @IsString()
  @Length(1, 200)
  name!: string;

  /** The path of its `SKILL.md`, as listed. */
  @IsString()
  @Length(1, 4096)
  path!: string;
}

@ApiSchema({ description: 'Points the agent at a file or an app.' })
export class MentionInputDto extends InputPartDto {
  @IsIn(['mention'])
  declare type: 'mention';

  @IsString()
  @Length(1, 200)
  name!: string;

  @IsString()
  @Length(1, 4096)
  path!: string;
}

const INPUT_PARTS = [TextInputDto, ImageInputDto, AttachmentInputDto, SkillInputDto, MentionInputDto] as const;
const PART_CLASSES: ReadonlyMap<unknown, Type<InputPartDto>> = new Map<unknown, Type<InputPartDto>>([
  ['text', TextInputDto],
  ['image', ImageInputDto],
  ['attachment', AttachmentInputDto],
  ['skill', SkillInputDto],
  ['mention', MentionInputDto],
]);

/** A text alone is one part; what is no part is left as it is, for the validation to say so. */
function toParts({ obj }: { obj: { input?: unknown } }): unknown {
  const { input } = obj;
  if (typeof input === 'string') {
    return [Object.assign(new TextInputDto(), { type: 'text', text: input })];
  }
  return Array.isArray(input) ? input.map(toPart) : input;
}

function toPart(part: unknown): unknown {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) {
    return part;
  }
  const { type } = part as { type?: unknown };
  return plainToInstance(PART_CLASSES.get(type) ?? InputPartDto, part);
}

@ApiSchema({ description: 'What is added to a running turn.' })
@ApiExtraModels(...INPUT_PARTS)
export class SteerTurnDto {
  /** What the agent is told: a text, or parts. */
  @ApiProperty({
    // The type of the property is that of the parts, to which a text is turned.
    type: () => Object,
    isArray: false,
    oneOf: [
      { type: 'string', minLength: 1, maxLength: MAX_TEXT_CHARS },
      {
        type: 'array',
        minItems: 1,
        maxItems: MAX_INPUT_PARTS,
        items: { oneOf: INPUT_PARTS.map((part) => ({ $ref: getSchemaPath(part) })) },
      },
    ],
  })
  @Transform(toParts)
  @IsArray({ message: 'input must be a text, or a list of parts such as {"type":"text","text":"Hello"}' })
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_INPUT_PARTS)
  @ValidateNested({ each: true })
  input!: (TextInputDto | ImageInputDto | AttachmentInputDto | SkillInputDto | MentionInputDto)[];
}

@ApiSchema({ description: 'Nothing, or which turn is meant.' })
export class InterruptTurnDto {
  /** The turn that is to be ended; 409 `turn_not_active` if another one runs. Default: whichever runs. */
  @IsOptional()
  @IsString()
  @Length(1, 100)
  turn_id?: string;
}

@ApiSchema({
  description:
    'A request to the agent. Options but `on_busy` and `output_schema` hold for the later turns of the thread too.',
})
export class SubmitTurnDto extends SteerTurnDto {
  @IsOptional()
  @IsString()
  @Length(1, 200)
  model?: string;

  @IsOptional()
  @IsString()
  @Length(1, 32)
  reasoning_effort?: string;

  /** `untrusted`, `on-request`, `never`, or `{granular: {…}}`. Above the token's ceiling: 403. */
  @ApiPropertyOptional(exactly(engine('AskForApproval')))
  @IsOptional()
  @IsApprovalPolicy()
  approval_policy?: string | Record<string, unknown>;

  @IsOptional()
  @ValidateNested()
  @TypeOf(() => SandboxPolicyDto)
  sandbox_policy?: SandboxPolicyDto;

  /** An absolute folder under a workspace root. */
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  cwd?: string;

  /** A JSON Schema that the agent's last message will fit. */
  @IsOptional()
  @IsObject()
  output_schema?: Record<string, unknown>;

  /** While another turn runs: wait for it (the default), add the input to it, or answer 409. */
  @ApiPropertyOptional()
  @IsOptional()
  @IsIn(BUSY_CHOICES)
  on_busy?: OnBusy;
}

export class HistoryQueryDto extends PageQueryDto {
  @IsOptional()
  @IsIn(['asc', 'desc'])
  sort_direction?: 'asc' | 'desc';
}

export class ListTurnsQueryDto extends HistoryQueryDto {
  /** Only turns of this status: `queued` lists what waits. */
  @ApiPropertyOptional({ enum: TURN_STATUSES })
  @IsOptional()
  @IsIn(TURN_STATUSES)
  status?: TurnStatus;
}

export class ListItemsQueryDto extends HistoryQueryDto {
  /** Only the items of this turn. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  turn_id?: string;
}
