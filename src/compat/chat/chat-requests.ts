import { Injectable } from '@nestjs/common';
import { Accounts } from '../../core/engine/accounts.js';
import { toLoginState } from '../../core/engine/login-state.js';
import { ServiceError } from '../../core/errors.js';
import { type Pace } from '../../core/events/pace.js';
import { requireWithin } from '../../core/permissions/authority.js';
import { type Ceiling } from '../../core/permissions/ceiling.js';
import { Workspace } from '../../core/workspace/workspace.js';
import { type ChatAnswer } from './answers.js';
import { ChatService } from './chat-service.js';
import { type ChatRequest } from './chat-request.js';
import { ModelList } from './model-list.js';
import { CHAT_MODES, type ChatMode, toPlan } from './plan.js';

/** As sent. */
export interface ChatHeaders {
  mode: string | string[] | undefined;
  thread: string | string[] | undefined;
}

/** What a request asks for, and who is to answer it. */
@Injectable()
export class ChatRequests {
  readonly #service: ChatService;
  readonly #models: ModelList;
  readonly #accounts: Accounts;
  readonly #workspace: Workspace;

  constructor(service: ChatService, models: ModelList, accounts: Accounts, workspace: Workspace) {
    this.#service = service;
    this.#models = models;
    this.#accounts = accounts;
    this.#workspace = workspace;
  }

  /**
   * Throws `not_logged_in` when the model can't be reached, `invalid_request` for what can't be done, and `forbidden` for
   * what the caller may not ask for.
   */
  async answer(request: ChatRequest, headers: ChatHeaders, ceiling: Ceiling, pace?: Pace): Promise<ChatAnswer> {
    const askedMode = parseMode(headers.mode);
    await this.#requireLogin();
    const choice = await this.#models.choose(request.model);
    const cwd = this.#workspace.defaultPath;
    const plan = { ...toPlan(request, { mode: askedMode ?? 'model', choice, cwd, ceiling }), pace };
    requireWithin(plan.authority, {});
    return headers.thread === undefined
      ? this.#service.answer(plan)
      : this.#service.answerIn(String(headers.thread), plan, askedMode);
  }

  async #requireLogin(): Promise<void> {
    const { isUsable, message } = toLoginState(await this.#accounts.read());
    if (!isUsable) {
      throw new ServiceError('not_logged_in', message);
    }
  }
}

function parseMode(value: string | string[] | undefined): ChatMode | null {
  const mode = CHAT_MODES.find((known) => known === value);
  if (value !== undefined && mode === undefined) {
    throw new ServiceError('invalid_request', `X-Codex-Mode must be ${CHAT_MODES.join(' or ')}.`, {
      fields: [{ path: 'X-Codex-Mode', message: `must be ${CHAT_MODES.join(' or ')}` }],
    });
  }
  return mode ?? null;
}
