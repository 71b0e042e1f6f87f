import { HttpException } from '@nestjs/common';
import { ServiceError } from '../../core/errors.js';
import { toErrorCode } from './problem-kinds.js';

/** Errors of the framework and of its parsers become the service's own; what is unknown becomes `internal`. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) {
    return error;
  }
  if (error instanceof HttpException && error.getStatus() < 500) {
    return new ServiceError(toErrorCode(error.getStatus()), messageOf(error), { cause: error });
  }
  if (error instanceof HttpException && error.getStatus() > 500) {
    return new ServiceError(toErrorCode(error.getStatus()), error.message, { cause: error });
  }
  // Express reports a path parameter that can't be decoded so.
  if (error instanceof URIError) {
    return new ServiceError('invalid_request', 'The path has a malformed percent-encoding.', { cause: error });
  }
  return ServiceError.from(error);
}

/** Several messages, as some pipes give, are one sentence each. */
function messageOf(error: HttpException): string {
  const response = error.getResponse();
  const message: unknown = typeof response === 'object' && 'message' in response ? response.message : undefined;
  return Array.isArray(message) ? message.map(String).join('; ') : error.message;
}
