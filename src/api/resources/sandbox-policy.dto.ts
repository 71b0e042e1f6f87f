import { ApiSchema } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';

@ApiSchema({ description: "What commands may touch. Above the token's ceiling: 403." })
export class SandboxPolicyDto {
  @IsIn(['read_only', 'workspace_write', 'danger_full_access', 'external_sandbox'])
  type!: 'read_only' | 'workspace_write' | 'danger_full_access' | 'external_sandbox';

  /** Folders beside the thread's own that commands may write to, under a workspace root. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  @ArrayMaxSize(100)
  writable_roots?: string[];

  /** Whether commands may use the network. Needs `admin` or `--allow-network`. */
  @IsOptional()
  @IsBoolean()
  network_access?: boolean;

  /** Whether `$TMPDIR` is kept from commands, which may write there otherwise. */
  @IsOptional()
  @IsBoolean()
  exclude_tmpdir_env_var?: boolean;

  /** Whether `/tmp` is kept from commands, which may write there otherwise. */
  @IsOptional()
  @IsBoolean()
  exclude_slash_tmp?: boolean;
}
