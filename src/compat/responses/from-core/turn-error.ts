import { toTurnFault } from '../../openai/turn-outcome.js';
import { isObject, toText } from './output-items.js';

export interface ResponseError {
  code: string;
  message: string;
}

/** What a response says of a fault in the same word as the other wire of OpenAI's. */
const SHARED: ReadonlySet<string> = new Set([
  'context_length_exceeded',
  'insufficient_quota',
  'invalid_prompt',
  'rate_limit_exceeded',
]);

/** What a failed turn says of its fault. A provider's refusal of the request is `invalid_prompt`, others are `server_error`. */
export function toResponseError(error: unknown): ResponseError {
  const { message, codex_error_info: info } = isObject(error) ? error : {};
  if (info === 'cyber_policy') {
    return { code: 'invalid_prompt', message: toText(message) };
  }
  const { openAiCode, code, message: words } = toTurnFault(error);
  if (/\b429\b/.test(toText(message)) && openAiCode !== 'insufficient_quota') {
    return { code: 'rate_limit_exceeded', message: words };
  }
  const other = code === 'invalid_request' ? 'invalid_prompt' : 'server_error';
  return { code: SHARED.has(openAiCode) ? openAiCode : other, message: words };
}
