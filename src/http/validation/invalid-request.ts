import { type FieldError, ServiceError } from '../../core/errors.js';
import { shorten } from '../../core/text/clip.js';

/** More faults than these help nobody. */
const MAX_FIELDS = 50;
/** A path holds names that the caller chose. */
const MAX_PATH_CHARS = 200;

/** `invalid_request` with its faults, the first of them in words. */
export function toInvalidRequest(faults: readonly FieldError[]): ServiceError {
  const fields = faults.slice(0, MAX_FIELDS).map(({ path, message }) => ({
    path: shorten(path, MAX_PATH_CHARS),
    message: message.replace(/\.+$/, ''),
  }));
  const [first] = fields;
  const rest = faults.length > 1 ? ` (and ${String(faults.length - 1)} more)` : '';
  const what = first ? `${first.path}: ${first.message}${rest}` : 'it does not have the expected form';
  return new ServiceError('invalid_request', `The request is not valid: ${what}.`, { fields });
}

/** For fields that a request has and a route does not know. */
export function toUnknownFields(paths: readonly string[]): ServiceError {
  return toInvalidRequest(paths.map(toUnknownField));
}

export function toUnknownField(path: string): FieldError {
  return { path, message: 'is not known here' };
}
