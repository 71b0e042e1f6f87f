import { ServiceError } from '../../core/errors.js';

/**
 * The number after which to replay: of the `Last-Event-ID` header (what a reconnecting `EventSource` sends), else of
 * `?after=`; `undefined` when there is neither. Throws `invalid_request` for a header that is no number.
 */
export function parseResumePoint(header: string | undefined, after: string | undefined): number | undefined {
  if (header === undefined || header === '') {
    return after === undefined ? undefined : Number(after);
  }
  if (!/^\d{1,15}$/.test(header)) {
    throw new ServiceError(
      'invalid_request',
      'Last-Event-ID must be the id of an event of this stream: a whole number.',
      {
        fields: [{ path: 'Last-Event-ID', message: 'must be a whole number' }],
      },
    );
  }
  return Number(header);
}
