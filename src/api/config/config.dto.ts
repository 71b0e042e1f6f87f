import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsDefined,
  IsIn,
  IsNotEmptyObject,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { IsWithout } from '../../http/validation/rules.js';

/** Said type by type, since a property without a type would be described as an object. */
const ANY_JSON = {
  anyOf: [
    ...['string', 'number', 'boolean', 'null'].map((type) => ({ type })),
    { type: 'array', items: {} },
    { type: 'object', additionalProperties: true },
  ],
};

export class ReadConfigQueryDto {
  /** Whether to answer with each layer by itself too. */
  @IsOptional()
  @IsIn(['true', 'false'])
  include_layers?: 'true' | 'false';

  /** A folder under a workspace root, whose project configuration counts too. */
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  cwd?: string;
}

@ApiSchema({ description: 'One value to write.' })
export class ConfigEditDto {
  /** Dotted, as in `config.toml`: `model`, `tui.notifications`. */
  @IsString()
  @Length(1, 500)
  key_path!: string;

  /** Any JSON value; `null` takes the key out. */
  @ApiProperty(ANY_JSON)
  @ValidateIf((dto: ConfigEditDto) => dto.value !== null)
  @IsDefined()
  value!: unknown;

  /** `replace` (the default), or `upsert`, which merges tables. */
  @IsOptional()
  @IsIn(['replace', 'upsert'])
  merge_strategy?: 'replace' | 'upsert';
}

@ApiSchema({ description: 'One value to write to the configuration: `key` or `key_path`.' })
export class WriteConfigDto {
  /** The key path. Give this or `key_path`. */
  @ValidateIf((dto: WriteConfigDto) => dto.key_path === undefined || dto.key !== undefined)
  @IsString()
  @Length(1, 500)
  @IsWithout('key_path')
  key?: string;

  /** The key path. Give this or `key`. */
  @IsOptional()
  @IsString()
  @Length(1, 500)
  key_path?: string;

  /** Any JSON value; `null` takes the key out. */
  @ApiProperty(ANY_JSON)
  @ValidateIf((dto: WriteConfigDto) => dto.value !== null)
  @IsDefined()
  value!: unknown;

  /** `replace` (the default), or `upsert`, which merges tables. */
  @IsOptional()
  @IsIn(['replace', 'upsert'])
  merge_strategy?: 'replace' | 'upsert';

  /** The `version` that was read; 409 when the file has changed since. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  expected_version?: string;
}

@ApiSchema({ description: 'Several values to write, all of them or none: `values` or `edits`.' })
export class PatchConfigDto {
  /** Values by key path. Give this or `edits`. */
  @ValidateIf((dto: PatchConfigDto) => dto.edits === undefined || dto.values !== undefined)
  @IsNotEmptyObject()
  @IsWithout('edits')
  values?: Record<string, unknown>;

  /** Give this or `values`. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => ConfigEditDto)
  edits?: ConfigEditDto[];

  /** The `version` that was read; 409 when the file has changed since. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  expected_version?: string;
}
