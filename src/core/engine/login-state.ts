import { type Payload } from './payload.js';

/** Whether the agent can reach its models. */
export interface LoginState {
  isUsable: boolean;
  /** For a person: how it is logged in, or how to do that. */
  message: string;
}

const ACCOUNTS: Readonly<Record<string, string>> = {
  api_key: 'Codex is logged in with an API key.',
  chatgpt: 'Codex is logged in with ChatGPT.',
  amazon_bedrock: 'Codex uses an AWS account.',
  gcp: 'Codex uses a Google Cloud account.',
};

/** What `Accounts.read` says, in words. A provider with a key of its own, or with none, needs no login. */
export function toLoginState({ account, requires_openai_auth: isNeeded }: Payload): LoginState {
  if (typeof account === 'object' && account !== null && 'type' in account) {
    return { isUsable: true, message: ACCOUNTS[String(account.type)] ?? 'Codex is logged in.' };
  }
  return isNeeded === true
    ? { isUsable: false, message: HOW_TO_LOG_IN }
    : { isUsable: true, message: 'The model provider in use needs no login.' };
}

export const HOW_TO_LOG_IN =
  'Codex is not logged in. Run `codex login` on the machine of this server (with the same CODEX_HOME), or send ' +
  'POST /api/v2/auth/login with {"type":"api_key","api_key":"sk-..."}, then try again.';
