import { type Response } from 'express';
import { type KeptAnswer } from '../../core/idempotency/idempotency-store.js';

const KEPT_HEADERS = ['Content-Type', 'Location', 'X-Codex-Ignored-Parameters'] as const;

/**
 * Holds the end of an answer until `keep` has settled, so that nobody ever got an answer which a retry would not get.
 * `keep` gets `null` for an answer that went out in parts. A caller who has gone away changes nothing.
 */
export function holdAnswer(res: Response, keep: (answer: KeptAnswer | null) => Promise<void>): void {
  const end = res.end.bind(res) as (...args: unknown[]) => Response;
  const held = (...args: unknown[]): Response => {
    Object.assign(res, { end });
    void keep(toAnswer(res, args[0])).then(() => end(...args));
    return res;
  };
  Object.assign(res, { end: held });
}

function toAnswer(res: Response, chunk: unknown): KeptAnswer | null {
  const body = toText(chunk);
  if (res.headersSent || body === undefined) {
    return null;
  }
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = res.getHeader(name);
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  return { status: res.statusCode, headers: Object.fromEntries(headers), body };
}

/** The first argument of `end` may also be its callback. */
function toText(chunk: unknown): string | undefined {
  if (chunk === undefined || chunk === null || typeof chunk === 'function') {
    return '';
  }
  return Buffer.isBuffer(chunk) ? chunk.toString() : typeof chunk === 'string' ? chunk : undefined;
}
