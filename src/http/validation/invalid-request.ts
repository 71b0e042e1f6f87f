import { type FieldError, ServiceError } from '../../core/errors.js';
import { shorten } from '../../core/text/clip.js';
import { findLikelyField } from './likely-field.js';

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
  return new ServiceError('invalid_request', `The request is not valid: ${withStop(what)}`, { fields });
}

function withStop(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

/** For fields that a request has and a route does not know. */
export function toUnknownFields(paths: readonly string[]): ServiceError {
  return toInvalidRequest(paths.map((path) => toUnknownField(path)));
}

/** @param known what may be in that place; the likeliest of it is named */
export function toUnknownField(path: string, known: readonly string[] = []): FieldError {
  const likely = findLikelyField(path.slice(path.lastIndexOf('.') + 1), known);
  return { path, message: likely === undefined ? 'is not known here' : `is not known here; did you mean ${likely}?` };
}
