import { type Payload } from '../../core/engine/engine.js';
import { type ErrorCode } from '../../core/errors.js';
import { OpenAiFault } from './errors.js';

/** How a turn ended that gave an answer, whole or not. */
export type TurnOutcome = 'stop' | 'length' | 'content_filter';

/** Of the `turn` in `turn/completed`. Throws, in the words of the OpenAI wire, for a turn without an answer. */
export function toTurnOutcome({ status, error }: Payload): TurnOutcome {
  if (status === 'completed') {
    return 'stop';
  }
  if (status !== 'failed') {
    throw new OpenAiFault('conflict', 'The turn was interrupted before it was complete.', {
      openAiCode: 'turn_interrupted',
    });
  }
  const failure = toFailure(error);
  const outcome = OUTCOMES[failure.kind] ?? toIncomplete(failure.message);
  if (outcome) {
    return outcome;
  }
  throw toFault(failure);
}

/** Of the `error` of a turn that failed: the same words and codes for every wire of OpenAI's. */
export function toTurnFault(error: unknown): OpenAiFault {
  return toFault(toFailure(error));
}

/** What the model's provider, or the engine, said against a turn. */
interface Failure {
  /** The engine's `codex_error_info`, in snake_case. */
  kind: string;
  /** Of the provider's answer; `undefined` where there was none, or the engine does not tell. */
  httpStatus: number | undefined;
  message: string;
}

const OUTCOMES: Readonly<Record<string, TurnOutcome>> = {
  cyber_policy: 'content_filter',
  misalignment_policy_violation: 'content_filter',
};

/** The engine has the reason of an incomplete response in its words only (0.169.0). */
function toIncomplete(message: string): TurnOutcome | undefined {
  const reason = /Incomplete response returned, reason: (\w+)/.exec(message)?.[1];
  if (reason === 'content_filter') {
    return 'content_filter';
  }
  return reason === 'max_output_tokens' ? 'length' : undefined;
}

interface FaultKind {
  code: ErrorCode;
  openAiCode: string;
}

const BAD_REQUEST: FaultKind = { code: 'invalid_request', openAiCode: 'invalid_request' };
/** The request has the right form, but the provider or the engine does not take it. */
const BAD_PROMPT: FaultKind = { code: 'invalid_request', openAiCode: 'invalid_prompt' };
const NO_KEY: FaultKind = { code: 'not_logged_in', openAiCode: 'not_logged_in' };
const NO_QUOTA: FaultKind = { code: 'rate_limited', openAiCode: 'insufficient_quota' };
const TOO_MANY: FaultKind = { code: 'rate_limited', openAiCode: 'rate_limit_exceeded' };
const OVERLOADED: FaultKind = { code: 'engine_unavailable', openAiCode: 'server_overloaded' };
const UPSTREAM: FaultKind = { code: 'engine_error', openAiCode: 'upstream_error' };
const NO_MODEL: FaultKind = { code: 'not_found', openAiCode: 'model_not_found' };
const DENIED: FaultKind = { code: 'forbidden', openAiCode: 'forbidden' };

const BY_KIND: Readonly<Record<string, FaultKind>> = {
  context_window_exceeded: { code: 'invalid_request', openAiCode: 'context_length_exceeded' },
  bad_request: BAD_PROMPT,
  unauthorized: NO_KEY,
  usage_limit_exceeded: NO_QUOTA,
  session_budget_exceeded: NO_QUOTA,
  rate_limit_exceeded: TOO_MANY,
  flex_unavailable: OVERLOADED,
  server_overloaded: OVERLOADED,
  policy_capacity_unavailable: OVERLOADED,
  model_not_found: NO_MODEL,
  inference_hook_denied: DENIED,
  too_many_denials: DENIED,
};

const BY_STATUS: Readonly<Record<number, FaultKind>> = {
  400: BAD_REQUEST,
  401: NO_KEY,
  402: NO_QUOTA,
  403: DENIED,
  404: NO_MODEL,
  408: { code: 'timeout', openAiCode: 'timeout' },
  413: { code: 'payload_too_large', openAiCode: 'payload_too_large' },
  422: BAD_REQUEST,
  429: TOO_MANY,
  503: OVERLOADED,
  504: { code: 'timeout', openAiCode: 'timeout' },
};

function toFault(failure: Failure): OpenAiFault {
  const refused = toRefusedRequest(failure.message);
  if (refused) {
    return refused;
  }
  const byStatus = failure.httpStatus === undefined ? undefined : BY_STATUS[failure.httpStatus];
  const { code, openAiCode } = BY_KIND[failure.kind] ?? byStatus ?? toOtherKind(failure);
  const seconds = /try again in (\d+(?:\.\d+)?)s/.exec(failure.message)?.[1];
  return new OpenAiFault(code, toWords(failure.message, code), {
    openAiCode,
    ...(code === 'rate_limited' && seconds !== undefined ? { retryAfterSeconds: Number(seconds) } : {}),
  });
}

/** What the engine says of its own faults among those that it calls `other` (0.169.0). */
const ENGINE_FAULTS =
  /^(?:stream disconnected |Error while reading |Connection failed: |Fatal error: |turn aborted|interrupted \(|timeout waiting |request timed out|spawn failed: |unexpected status |Access blocked |Missing environment variable: |codex-linux-sandbox |task \d+ )|\(os error \d+\)|at line \d+ column \d+$/;

/** The rest of them is what a provider answered to a request that it will not take, in its own words. */
function toOtherKind({ kind, httpStatus, message }: Failure): FaultKind {
  const isRefusal = kind === 'other' && httpStatus === undefined && !ENGINE_FAULTS.test(message);
  return isRefusal ? BAD_PROMPT : UPSTREAM;
}

/** A provider that answers 400 has its whole body as the message. */
function toRefusedRequest(message: string): OpenAiFault | undefined {
  const body = parseObject(message);
  const { error } = body ?? {};
  if (typeof error !== 'object' || error === null || !('message' in error) || typeof error.message !== 'string') {
    return undefined;
  }
  const { code, param } = error as { code?: unknown; param?: unknown };
  return new OpenAiFault('invalid_request', error.message, {
    openAiCode: typeof code === 'string' ? code : BAD_REQUEST.openAiCode,
    ...(typeof param === 'string' ? { param } : {}),
  });
}

/** The engine tells the address of the provider too, which is nobody's business here. */
function toWords(message: string, code: ErrorCode): string {
  const words = message.replace(/, url: \S+/g, '');
  return code === 'not_logged_in'
    ? `The model's provider refused the login of this server (${words}). Run \`codex login\` on its machine, or give the provider a valid key.`
    : words;
}

function toFailure(error: unknown): Failure {
  const { message, codex_error_info: info } = toObject(error);
  const [kind, detail] = typeof info === 'string' ? [info, {}] : (Object.entries(toObject(info))[0] ?? ['', {}]);
  const { http_status_code: httpStatus } = toObject(detail);
  return {
    kind: toSnake(kind),
    httpStatus: typeof httpStatus === 'number' ? httpStatus : toGatewayStatus(message),
    message: typeof message === 'string' ? message : 'The turn failed.',
  };
}

/** The model gateway of this server can tell the status of a provider in words only: `NAME (ADDRESS) answered 401 …`. */
function toGatewayStatus(message: unknown): number | undefined {
  const status =
    typeof message === 'string' ? /^[^\n]{1,200}? \(\S+\) answered (\d{3})\b/.exec(message)?.[1] : undefined;
  return status === undefined ? undefined : Number(status);
}

function toSnake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function toObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) {
    return undefined;
  }
  try {
    return toObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
