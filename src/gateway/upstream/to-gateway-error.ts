import { STATUS_CODES } from 'node:http';
import { APICallError } from '@ai-sdk/provider';
import { type ModelProvider } from '../../core/engine/model-provider.js';
import { shorten } from '../../core/text/clip.js';
import { type FailureCode, GatewayError } from '../gateway-error.js';
import { StallError } from './watch-stream.js';
import { findNumber, findText, isFields, parseObject, toFields, toList } from '../request/fields.js';

/** May hold a password. */
const USER_INFO = /\/\/[^/@]*@/;
/** How much of a provider's own words is passed on. */
const MAX_WORDS = 2000;

/**
 * What went wrong between the gateway and a provider: who it was, with which status, in its own words, and when to try
 * again. The same goes for what it tells in the middle of a stream.
 */
export function toGatewayError(error: unknown, provider: ModelProvider): GatewayError {
  const who = `${provider.name} (${provider.baseUrl.replace(USER_INFO, '//')})`;
  if (error instanceof GatewayError) {
    return error;
  }
  if (error instanceof StallError) {
    const seconds = String(error.timeoutMs / 1000);
    return new GatewayError('server_error', `${who} sent nothing for ${seconds} s.`, { cause: error });
  }
  const { status, words, retryAfter, hasStatus } = toReport(error);
  if (!hasStatus) {
    return new GatewayError('server_error', `${who} failed: ${words}`, { cause: error });
  }
  const reason = `${String(status)} ${STATUS_CODES[status] ?? ''}`.trimEnd();
  const waitSeconds = findWaitSeconds(retryAfter);
  // The engine takes the length of its wait from these words.
  const again = waitSeconds === undefined ? '' : ` Please try again in ${String(waitSeconds)}s.`;
  const code = toCode(status, words, waitSeconds);
  return new GatewayError(code, `${who} answered ${reason}: ${words}${again}`, { cause: error });
}

interface Report {
  status: number;
  hasStatus: boolean;
  words: string;
  retryAfter: string | undefined;
}

function toReport(error: unknown): Report {
  if (APICallError.isInstance(error)) {
    const status = error.statusCode ?? 0;
    const isAnswer = status >= 300;
    const words = isAnswer ? toWords(error.responseBody, error.message) : toCauseWords(error);
    return { status, hasStatus: isAnswer, words, retryAfter: error.responseHeaders?.['retry-after'] };
  }
  const { statusCode, code, status: given } = toFields(error);
  const status = [statusCode, code, given].find((value) => findNumber(value) !== undefined) as number | undefined;
  const words = error instanceof Error ? toCauseWords(error) : (findWords(error) ?? JSON.stringify(error));
  const hasStatus = status !== undefined && status >= 300 && status < 600;
  return { status: status ?? 0, hasStatus, words: shorten(words, MAX_WORDS), retryAfter: undefined };
}

/** The innermost cause says what happened: `ECONNREFUSED`, `socket hang up`, a certificate. */
function toCauseWords(error: Error): string {
  let innermost = error;
  while (innermost.cause instanceof Error) {
    innermost = innermost.cause;
  }
  const errors = innermost instanceof AggregateError ? (innermost.errors as Error[]) : [];
  return shorten(innermost.message || (errors[0]?.message ?? innermost.name), MAX_WORDS);
}

/** The message within the many shapes of error bodies; else the body itself. */
function toWords(body: string | undefined, fallback: string): string {
  const trimmed = body?.trim() ?? '';
  const list: unknown = trimmed.startsWith('[') ? parseFirst(trimmed) : undefined;
  const words = findWords(list ?? parseObject(trimmed)) ?? (trimmed.startsWith('<') ? '' : trimmed);
  return shorten(words === '' ? fallback : words, MAX_WORDS);
}

/** Gemini's errors come in a list where a stream was asked for. */
const parseFirst = (text: string): unknown => toList(parseObject(`{"list":${text}}`)?.list)[0];

function findWords(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return value;
  }
  if (!isFields(value)) {
    return undefined;
  }
  const { error, message, detail } = value;
  return findWords(error) ?? findText(message) ?? findText(detail);
}

/** `Retry-After` (RFC 9110, section 10.2.3) in seconds. */
function findWaitSeconds(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) {
    return undefined;
  }
  if (/^\d+(\.\d+)?$/.test(retryAfter)) {
    return Number(retryAfter);
  }
  const dateMs = Date.parse(retryAfter);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, Math.ceil((dateMs - Date.now()) / 1000));
}

/** By the words, as each provider has its own, and all have the status 400 or 413 for it. */
const CONTEXT_WORDS = /context[ _]length|context window|prompt is too long|maximum number of tokens|too many tokens/i;
const PASSING = new Set([408, 409, 425]);

/** A turn that would hang for longer had better fail, and say when to try again. */
const MAX_WAIT_SECONDS = 120;

function toCode(status: number, words: string, waitSeconds: number | undefined): FailureCode {
  if ((status === 400 || status === 413) && CONTEXT_WORDS.test(words)) {
    return 'context_length_exceeded';
  }
  if (status < 500 && status !== 429 && !PASSING.has(status)) {
    return 'invalid_prompt';
  }
  if (waitSeconds === undefined) {
    return status === 429 ? 'rate_limit_exceeded' : 'server_error';
  }
  return waitSeconds > MAX_WAIT_SECONDS ? 'invalid_prompt' : 'rate_limit_exceeded';
}
