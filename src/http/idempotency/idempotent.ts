import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { type AfterCutShort, IdempotentRoute } from '../routing/route-metadata.js';
import { MAX_KEY_CHARACTERS } from './keyed-request.js';

const DESCRIPTION = [
  'Makes a retry safe: the same request with the same key is done once, and answered with the same answer for 24 hours,',
  'then with the header `Idempotent-Replayed: true`, also after a restart. The key with another request is 409',
  '`idempotency_conflict`; while the first one is still being worked on, 409 `conflict` with `Retry-After`.',
].join(' ');

const AFTER_CUT_SHORT: Record<AfterCutShort, string> = {
  repeat:
    'Kept are successes and the answers 400, 404, 410 and 422; after any other a retry is done anew. When the server ' +
    'died before it could answer, a retry finds what was made, or does it.',
  refuse:
    'Kept are successes and the answers 400, 404, 410, 422, 500, 502 and 504; after any other a retry is done anew. ' +
    'When the server died before it could answer, nobody knows whether it was done, and a retry is 409 `conflict` ' +
    'without `Retry-After`: look, and use a new key to do it again.',
};

/** The method honours `Idempotency-Key`. Requests without it aren't touched. */
export function Idempotent(afterCutShort: AfterCutShort = 'repeat'): MethodDecorator {
  return applyDecorators(
    IdempotentRoute(afterCutShort),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: `${DESCRIPTION} ${AFTER_CUT_SHORT[afterCutShort]}`,
      schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_CHARACTERS, pattern: '^[\\x21-\\x7E]+$' },
    }),
  );
}
