import { Injectable } from '@nestjs/common';
import { Accounts } from '../../core/engine/accounts.js';
import { type LoginState, toLoginState } from '../../core/engine/login-state.js';
import { ServiceError } from '../../core/errors.js';

const MAX_AGE_MS = 1_000;
const MAX_WAIT_MS = 2_000;

/** Whether Codex is logged in: asked of the engine once a second at most, since anybody may ask here. */
@Injectable()
export class LoginWatch {
  readonly #accounts: Accounts;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #answer: Promise<LoginState> | undefined;

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  /** Never rejects: an engine that can't be asked can't be used either. */
  read(): Promise<LoginState> {
    const now = performance.now();
    if (this.#answer === undefined || now - this.#askedAtMs > MAX_AGE_MS) {
      this.#askedAtMs = now;
      this.#answer = this.#ask();
    }
    return this.#answer;
  }

  async #ask(): Promise<LoginState> {
    try {
      return await Promise.race([this.#accounts.read().then(toLoginState), lateState()]);
    } catch (error) {
      return { isUsable: false, message: ServiceError.from(error).message };
    }
  }
}

/** A monitor waits no longer than this, whatever the engine does. */
function lateState(): Promise<LoginState> {
  return new Promise((resolve) => {
    setTimeout(resolve, MAX_WAIT_MS, { isUsable: false, message: 'The engine does not answer.' }).unref();
  });
}
