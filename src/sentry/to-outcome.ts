import { type DeliveryOutcome } from '../core/feedback/feedback-delivery.js';

/** What Sentry's answer holds that matters here. */
export interface SentryAnswer {
  statusCode: number;
  /** `X-Sentry-Rate-Limits`. */
  rateLimits?: string | undefined;
  /** `Retry-After`. */
  retryAfter?: string | undefined;
}

/** The kinds of data that feedback and its log are counted as; a limit without a kind is for all. */
const CATEGORIES: readonly string[] = ['', 'feedback', 'attachment'];
/** What Sentry's clients take when a limit doesn't say for how long. */
const DEFAULT_WAIT_MS = 60_000;

/** By https://develop.sentry.dev/sdk/expected-features/rate-limiting/ and RFC 9110, section 10.2.3. */
export function toOutcome(answer: SentryAnswer, nowMs: number): DeliveryOutcome {
  const { statusCode } = answer;
  const waitMs = findWaitMs(answer, nowMs);
  if (statusCode >= 200 && statusCode < 300) {
    return { type: 'delivered', waitMs };
  }
  const reason = `Sentry answered ${String(statusCode)}.`;
  if (statusCode === 429) {
    return { type: 'postponed', waitMs: waitMs ?? DEFAULT_WAIT_MS, reason };
  }
  const isRefused = statusCode >= 400 && statusCode < 500 && statusCode !== 408;
  return isRefused ? { type: 'refused', reason } : { type: 'postponed', waitMs, reason };
}

/** `X-Sentry-Rate-Limits` says it more exactly than `Retry-After`, which counts only without it. */
function findWaitMs({ rateLimits, retryAfter }: SentryAnswer, nowMs: number): number | null {
  if (rateLimits) {
    const waits = rateLimits.split(',').flatMap(toWaits);
    return waits.length === 0 ? null : Math.max(...waits);
  }
  return retryAfter ? toRetryAfterMs(retryAfter, nowMs) : null;
}

/** One limit: `seconds:categories:scope…`. */
function toWaits(limit: string): number[] {
  const [seconds = '', categories = ''] = limit.trim().split(':');
  const isOurs = categories.split(';').some((category) => CATEGORIES.includes(category));
  return isOurs ? [/^\d+$/.test(seconds) ? Number(seconds) * 1000 : DEFAULT_WAIT_MS] : [];
}

function toRetryAfterMs(value: string, nowMs: number): number {
  if (/^\d+$/.test(value)) {
    return Number(value) * 1000;
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? DEFAULT_WAIT_MS : Math.max(0, date - nowMs);
}
