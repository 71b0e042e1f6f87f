import { ApiSchema } from '@nestjs/swagger';
import { IsIn, IsString, Length, Matches, ValidateIf } from 'class-validator';

export const LOGIN_TYPES = ['api_key', 'chatgpt', 'chatgpt_device_code'] as const;

@ApiSchema({ description: 'How to log in to the account of Codex itself.' })
export class LoginDto {
  /** `chatgpt` opens a page on the server's own machine; `chatgpt_device_code` shows a code to type in anywhere. */
  @IsIn(LOGIN_TYPES)
  type!: (typeof LOGIN_TYPES)[number];

  /** For `api_key`. It is handed to the engine and never answered again. */
  @ValidateIf((dto: LoginDto) => dto.type === 'api_key' || dto.api_key !== undefined)
  @IsString()
  @Length(1, 500)
  @Matches(/^[\x21-\x7e]+$/, { message: 'api_key must be a key: printable ASCII without spaces or line breaks' })
  api_key?: string;
}

@ApiSchema({ description: 'Which login is not to be waited for any more.' })
export class CancelLoginDto {
  /** Of the login that was started. */
  @IsString()
  @Length(1, 100)
  login_id!: string;
}
