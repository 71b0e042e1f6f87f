import { type Payload } from './payload.js';

export type Login =
  | { type: 'api_key'; api_key: string }
  /** In a browser on this server's machine. */
  | { type: 'chatgpt' }
  /** With a code that is typed in on any device. */
  | { type: 'chatgpt_device_code' };

/** The agent's own account with the maker of its models; not who may call this service. */
export abstract class Accounts {
  /** What to do next, by type: nothing, or `{login_id, auth_url}`, or `{login_id, verification_url, user_code}`. */
  abstract login(login: Login): Promise<Payload>;

  /** Throws `not_found` for a login that is not under way. */
  abstract cancelLogin(loginId: string): Promise<void>;

  abstract logout(): Promise<void>;

  /** `{account, requires_openai_auth, …}`; the account is `null` when nobody is logged in. */
  abstract read(): Promise<Payload>;

  /** Throws `not_logged_in`. */
  abstract readRateLimits(): Promise<Payload>;
}
