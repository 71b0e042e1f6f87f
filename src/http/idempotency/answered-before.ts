import { type Response } from 'express';
import { type KeptAnswer } from '../../core/idempotency/idempotency-store.js';

/** Thrown to have the filter give the answer that this very request got before. */
export class AnsweredBefore extends Error {
  override readonly name = 'AnsweredBefore';

  constructor(readonly answer: KeptAnswer) {
    super('This request was answered before.');
  }
}

/** Gives an answer again, as it went out first. */
export function replay(res: Response, { status, headers, body }: KeptAnswer): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    res.setHeader(name, value);
  }
  res.setHeader('Idempotent-Replayed', 'true');
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}
