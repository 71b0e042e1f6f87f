import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type Payload } from '../../core/engine/engine.js';
import { type View } from '../../http/view.js';
import { LOGIN_TYPES } from './account.dto.js';

@ApiSchema({
  description: 'What to do next to log in; `account/login/completed` follows on the server-wide event stream.',
})
export class LoginStartedDto {
  @ApiProperty({ enum: LOGIN_TYPES })
  type!: (typeof LOGIN_TYPES)[number];

  /** For cancelling; absent when nothing is left to do. */
  login_id?: string;

  /** Where the user logs in, in a browser on the server's machine. */
  auth_url?: string;

  /** Where the user types the code in. */
  verification_url?: string;

  /** What the user types in. */
  user_code?: string;
}

@ApiSchema({ description: 'The login is not waited for any more.' })
export class LoginCancelledDto {
  @ApiProperty({ enum: ['cancelled'] })
  status!: 'cancelled';
}

@ApiSchema({ description: 'Nobody is logged in any more.' })
export class LoggedOutDto {
  @ApiProperty({ enum: ['logged_out'] })
  status!: 'logged_out';
}

export function toLoginStarted(answer: Payload): View<LoginStartedDto> {
  const { type, login_id, auth_url, verification_url, user_code } = answer as View<LoginStartedDto>;
  return JSON.parse(JSON.stringify({ type, login_id, auth_url, verification_url, user_code })) as View<LoginStartedDto>;
}
