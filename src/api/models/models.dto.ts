import { IsOptional, IsString, Length } from 'class-validator';
import { PageQueryDto } from '../../http/validation/page-query.dto.js';

export class ListModelsQueryDto extends PageQueryDto {
  /** What a model must take or do: an input modality (`text`, `image`) or a reasoning effort (`high`). */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  capability?: string;

  /** The models of this provider, instead of the one in force. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  provider?: string;
}
