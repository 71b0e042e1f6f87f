import { ConnectionError, toApiError, toRetryAfter } from './errors.js';

export interface TransportOptions {
  authToken: string;
  /** How often a request that failed for a passing reason is sent again. */
  maxRetries: number;
  fetch: typeof globalThis.fetch;
}

const RETRIED_STATUSES = new Set([429, 502, 503]);
const MAX_DELAY_MS = 30_000;

/**
 * `fetch` with the token, and with retries that are safe: a POST carries an `Idempotency-Key`, so that it is done once,
 * however often it is sent. Resolves with any answer below 400; else throws an `ApiError` or a `ConnectionError`.
 */
export function createTransport({ authToken, maxRetries, fetch }: TransportOptions): Transport {
  return async (request) => {
    request.headers.set('Authorization', `Bearer ${authToken}`);
    if (request.method === 'POST' && !request.headers.has('Idempotency-Key')) {
      request.headers.set('Idempotency-Key', crypto.randomUUID());
    }
    for (let attempt = 0; ; attempt += 1) {
      const isLast = attempt >= maxRetries;
      const outcome = await send(fetch, isLast ? request : request.clone());
      if (isLast || !isPassing(outcome)) {
        return requireSuccess(outcome);
      }
      await delay(backoffMs(attempt, outcome instanceof Response ? toRetryAfter(outcome) : undefined), request.signal);
    }
  };
}

type Transport = (request: Request) => Promise<Response>;

async function requireSuccess(outcome: Response | ConnectionError): Promise<Response> {
  if (outcome instanceof ConnectionError) {
    throw outcome;
  }
  if (!outcome.ok) {
    throw await toApiError(outcome);
  }
  return outcome;
}

async function send(fetch: typeof globalThis.fetch, request: Request): Promise<Response | ConnectionError> {
  try {
    return await fetch(request);
  } catch (cause) {
    request.signal.throwIfAborted();
    return new ConnectionError(`${request.method} ${request.url}: no answer`, { cause });
  }
}

/** No connection, or an answer that another attempt may change; a 409 with `Retry-After` is still being worked on. */
function isPassing(outcome: Response | ConnectionError): boolean {
  return (
    outcome instanceof ConnectionError ||
    RETRIED_STATUSES.has(outcome.status) ||
    (outcome.status === 409 && outcome.headers.has('retry-after'))
  );
}

/** As long as the server says; else about 0.5, 1, 2 … seconds, spread so that clients don't come back as one. */
export function backoffMs(attempt: number, retryAfterSeconds?: number): number {
  if (retryAfterSeconds !== undefined) {
    return Math.min(retryAfterSeconds * 1000, MAX_DELAY_MS);
  }
  return Math.min(500 * 2 ** attempt, MAX_DELAY_MS) * (0.5 + Math.random() / 2);
}

/** Rejects with the signal's reason as soon as it is aborted. */
export function delay(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal?.aborted === true) {
      abort();
    }
    signal?.addEventListener('abort', abort, { once: true });
  });
}
