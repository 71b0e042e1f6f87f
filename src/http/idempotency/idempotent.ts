import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { IdempotentRoute } from '../routing/route-metadata.js';
import { MAX_KEY_CHARACTERS } from './keyed-request.js';

const DESCRIPTION = [
  'Makes a retry safe: the same request with the same key is done once, and answered with the same answer for 24 hours,',
  'then with the header `Idempotent-Replayed: true`, also after a restart. The key with another request is 409',
  '`idempotency_conflict`; while the first one is still being worked on, 409 `conflict` with `Retry-After`. Kept are',
  'successes and the answers 400, 404, 410 and 422; after any other nothing is kept, so that a retry is done anew. It is',
  'done anew, too, when the server died before it answered; but a turn or feedback that it had accepted is the answer.',
  'Of an upload, the type and the length stand for its content.',
].join(' ');

/** The method honours `Idempotency-Key`. Requests without it aren't touched. */
export function Idempotent(): MethodDecorator {
  return applyDecorators(
    IdempotentRoute(),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: DESCRIPTION,
      schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_CHARACTERS, pattern: '^[\\x21-\\x7E]+$' },
    }),
  );
}
