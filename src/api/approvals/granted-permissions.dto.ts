import { ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

const ACCESS_MODES = ['read', 'write', 'deny'] as const;
const PATH_TYPES = ['path', 'glob_pattern', 'special'] as const;
const MAX_PATHS = 1000;

@ApiSchema({ description: 'A place in the file system; the key that belongs to its type is required.' })
export class PermissionPathDto {
  @IsIn(PATH_TYPES)
  type!: (typeof PATH_TYPES)[number];

  /** Of `path`. */
  @ValidateIf(({ type, path }: PermissionPathDto) => type === 'path' || path !== undefined)
  @IsString()
  path?: string;

  /** Of `glob_pattern`. */
  @ValidateIf(({ type, pattern }: PermissionPathDto) => type === 'glob_pattern' || pattern !== undefined)
  @IsString()
  pattern?: string;

  /** Of `special`: one of the engine's own places, such as `{"kind": "project_roots"}`. */
  @ValidateIf(({ type, value }: PermissionPathDto) => type === 'special' || value !== undefined)
  @IsObject()
  value?: Record<string, unknown>;
}

@ApiSchema({ description: 'What may be done at one place in the file system.' })
export class PermissionEntryDto {
  @IsIn(ACCESS_MODES)
  access!: (typeof ACCESS_MODES)[number];

  @IsObject()
  @ValidateNested()
  @Type(() => PermissionPathDto)
  path!: PermissionPathDto;
}

@ApiSchema({
  description:
    'Either `entries`, or lists of paths as `read` and `write`; the request that asks has both, and they say the same.',
})
export class FileSystemPermissionsDto {
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_PATHS)
  @ValidateNested({ each: true })
  @Type(() => PermissionEntryDto)
  entries?: PermissionEntryDto[] | null;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_PATHS)
  @IsString({ each: true })
  read?: string[] | null;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_PATHS)
  @IsString({ each: true })
  write?: string[] | null;

  @IsOptional()
  @IsInt()
  @Min(1)
  glob_scan_max_depth?: number | null;
}

@ApiSchema({ description: 'Whether the network may be used.' })
export class NetworkPermissionsDto {
  @IsOptional()
  @IsBoolean()
  enabled?: boolean | null;
}

@ApiSchema({ description: 'What is granted of the permissions that were asked for.' })
export class GrantedPermissionsDto {
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => FileSystemPermissionsDto)
  file_system?: FileSystemPermissionsDto | null;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => NetworkPermissionsDto)
  network?: NetworkPermissionsDto | null;
}
