import { isObject, toText } from './output-items.js';

export interface ResponseError {
  code: string;
  message: string;
}

/** Codex's own kinds of errors → the codes of OpenAI's `ResponseError`; every other one is `server_error`. */
const CODES: Readonly<Record<string, string>> = {
  usage_limit_exceeded: 'rate_limit_exceeded',
  session_budget_exceeded: 'rate_limit_exceeded',
  bad_request: 'invalid_prompt',
  cyber_policy: 'invalid_prompt',
  context_window_exceeded: 'invalid_prompt',
};

/** What a failed turn says of its fault. */
export function toResponseError(error: unknown): ResponseError {
  const { message, codex_error_info: info } = isObject(error) ? error : {};
  const text = toText(message) || 'The turn failed.';
  if (/\b429\b/.test(text)) {
    return { code: 'rate_limit_exceeded', message: text };
  }
  const kind = isObject(info) ? (Object.keys(info)[0] ?? '') : toText(info);
  return { code: CODES[kind] ?? 'server_error', message: text };
}
