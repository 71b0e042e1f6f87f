import { Accounts, type Login } from '../../core/engine/accounts.js';
import { type Payload } from '../../core/engine/engine.js';
import { ServiceError } from '../../core/errors.js';
import { type EngineClient } from '../engine-client.js';

export class CodexAccounts extends Accounts {
  constructor(private readonly client: EngineClient) {
    super();
  }

  override login(login: Login): Promise<Payload> {
    return this.client.ask('account/login/start', login);
  }

  /** The engine says `notFound` of one that is over, and calls one that never was an invalid request. */
  override async cancelLogin(loginId: string): Promise<void> {
    const unknown = new ServiceError('not_found', 'There is no such login under way.');
    try {
      const { status } = await this.client.ask('account/login/cancel', { login_id: loginId });
      if (status === 'not_found') {
        throw unknown;
      }
    } catch (error) {
      throw ServiceError.from(error).code === 'invalid_request' ? unknown : error;
    }
  }

  override async logout(): Promise<void> {
    await this.client.ask('account/logout');
  }

  override read(): Promise<Payload> {
    return this.client.ask('account/read', {});
  }

  override readRateLimits(): Promise<Payload> {
    return this.client.ask('account/rateLimits/read', {});
  }
}
