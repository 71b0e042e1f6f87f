import { ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, IsString, Length, MaxLength, ValidateIf, ValidateNested } from 'class-validator';

export const REVIEW_TARGETS = ['uncommitted_changes', 'base_branch', 'commit', 'custom'] as const;

/** Needed by the type, and checked wherever it is given. */
const isOf =
  (type: string, key: 'branch' | 'sha' | 'instructions') =>
  (dto: ReviewTargetDto): boolean =>
    dto.type === type || dto[key] !== undefined;

@ApiSchema({ description: 'What is reviewed; each type needs the keys that belong to it.' })
export class ReviewTargetDto {
  @IsIn(REVIEW_TARGETS)
  type!: (typeof REVIEW_TARGETS)[number];

  /** For `base_branch`: the changes against this branch. */
  @ValidateIf(isOf('base_branch', 'branch'))
  @IsString()
  @Length(1, 500)
  branch?: string;

  /** For `commit`. */
  @ValidateIf(isOf('commit', 'sha'))
  @IsString()
  @Length(4, 64)
  sha?: string;

  /** For `commit`: what it is called. */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  title?: string;

  /** For `custom`: what to review, in words. */
  @ValidateIf(isOf('custom', 'instructions'))
  @IsString()
  @Length(1, 100_000)
  instructions?: string;
}

@ApiSchema({ description: 'A review in a thread that is there.' })
export class StartReviewDto {
  @IsObject()
  @ValidateNested()
  @Type(() => ReviewTargetDto)
  target!: ReviewTargetDto;
}

@ApiSchema({ description: 'A review in a new thread.' })
export class CreateReviewDto extends StartReviewDto {
  /** The folder whose changes are reviewed, under a workspace root. Default: the first root. */
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  cwd?: string;

  @IsOptional()
  @IsString()
  @Length(1, 200)
  model?: string;
}
