import { randomBytes } from 'node:crypto';

const SANE = /^[A-Za-z0-9._-]{1,128}$/;
const PREFIX = `${randomBytes(6).toString('hex')}-`;

let count = 0;

/** The caller's own id when it is sane, else a new one: unique over restarts, and cheap as a counter. */
export function toRequestId(sent: string | string[] | undefined): string {
  if (typeof sent === 'string' && SANE.test(sent)) {
    return sent;
  }
  count += 1;
  return PREFIX + count.toString(36);
}
