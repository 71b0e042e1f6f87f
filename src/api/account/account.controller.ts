import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Accounts, type Login } from '../../core/engine/accounts.js';
import { type Payload } from '../../core/engine/engine.js';
import { Idempotent } from '../../http/idempotency/idempotent.js';
import { type View } from '../../http/view.js';
import { engine } from '../resources/engine-schema.js';
import { CancelLoginDto, LoginDto } from './account.dto.js';
import { LoggedOutDto, LoginCancelledDto, LoginStartedDto, toLoginStarted } from './account.views.js';
import { NeedsScope } from '../../http/routing/route-metadata.js';

@ApiTags('account')
@Controller('api/v2/auth')
export class AccountController {
  constructor(private readonly accounts: Accounts) {}

  /** The engine's own account with the maker of its models; it has nothing to do with this server's tokens. */
  @ApiOperation({ summary: 'Log the engine in' })
  @ApiOkResponse({ type: LoginStartedDto })
  @NeedsScope('admin')
  @Post('login')
  @Idempotent()
  @HttpCode(200)
  async login(@Body() { type, api_key }: LoginDto): Promise<View<LoginStartedDto>> {
    const login: Login = type === 'api_key' ? { type, api_key: api_key ?? '' } : { type };
    return toLoginStarted(await this.accounts.login(login));
  }

  /** 404 if there is none of that id. */
  @ApiOperation({ summary: 'Cancel a login under way' })
  @ApiOkResponse({ type: LoginCancelledDto })
  @NeedsScope('admin')
  @Post('login/cancel')
  @Idempotent()
  @HttpCode(200)
  async cancelLogin(@Body() { login_id: loginId }: CancelLoginDto): Promise<View<LoginCancelledDto>> {
    await this.accounts.cancelLogin(loginId);
    return { status: 'cancelled' };
  }

  /** The engine forgets its credentials; the token of this server stays as it is. */
  @ApiOperation({ summary: 'Log the engine out' })
  @ApiOkResponse({ type: LoggedOutDto })
  @NeedsScope('admin')
  @Post('logout')
  @Idempotent()
  @HttpCode(200)
  async logout(): Promise<View<LoggedOutDto>> {
    await this.accounts.logout();
    return { status: 'logged_out' };
  }

  /** `account` is `null` when nobody is logged in. */
  @ApiOperation({ summary: 'Get the account of the engine' })
  @ApiOkResponse({ schema: engine('GetAccountResponse'), description: 'The account, if there is one.' })
  @Get('account')
  getAccount(): Promise<Payload> {
    return this.accounts.read();
  }

  /** 409 `not_logged_in` without a ChatGPT login. */
  @ApiOperation({ summary: 'Get the rate limits of the account' })
  @ApiOkResponse({ schema: engine('GetAccountRateLimitsResponse'), description: 'The limits, and how much is used.' })
  @Get('rate-limits')
  getRateLimits(): Promise<Payload> {
    return this.accounts.readRateLimits();
  }
}
