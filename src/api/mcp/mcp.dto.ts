import { ApiSchema } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';

@ApiSchema({ description: 'How a tool server is reached: a program (`command`) or a URL (`url`).' })
export class McpServerConfigDto {
  /** The program of a server that speaks over stdio. Give this or `url`. */
  @ValidateIf((dto: McpServerConfigDto) => dto.url === undefined || dto.command !== undefined)
  @IsString()
  @Length(1, 4096)
  command?: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsString({ each: true })
  args?: string[];

  /** Its environment. Answered masked. */
  @IsOptional()
  @IsObject()
  env?: Record<string, string>;

  @IsOptional()
  @IsString()
  @MaxLength(4096)
  cwd?: string;

  /** The address of a server that speaks streamable HTTP. Give this or `command`. */
  @IsOptional()
  @Matches(/^https?:\/\//, { message: 'url must be an http(s) URL' })
  @MaxLength(4096)
  url?: string;

  /** The environment variable that holds its bearer token. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  bearer_token_env_var?: string;

  /** Answered masked. */
  @IsOptional()
  @IsObject()
  http_headers?: Record<string, string>;

  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(600)
  startup_timeout_sec?: number;

  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(3600)
  tool_timeout_sec?: number;

  /** Only these tools are offered. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  enabled_tools?: string[];

  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  disabled_tools?: string[];

  /** OAuth scopes to ask for. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  scopes?: string[];
}

@ApiSchema({ description: 'The arguments of a call, and the thread that it is made for.' })
export class CallToolDto {
  /** The thread on whose behalf the tool is called. */
  @IsString()
  @Length(1, 100)
  thread_id!: string;

  /** As the tool's input schema wants them. */
  @IsOptional()
  @IsObject()
  arguments?: Record<string, unknown>;
}
