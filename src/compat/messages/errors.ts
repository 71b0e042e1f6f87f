import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode, type ServiceError } from '../../core/errors.js';
import { type ErrorShape } from '../../http/dialects/error-shapes.js';
import { FieldErrorDto } from '../../http/problem/problem.views.js';
import { type View } from '../../http/view.js';

/** This wire's answer to every code. */
export const MESSAGE_STATUSES = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  thread_not_found: 404,
  turn_not_found: 404,
  approval_not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  conflict: 409,
  turn_in_progress: 409,
  turn_not_active: 409,
  version_conflict: 409,
  idempotency_conflict: 409,
  already_answered: 409,
  not_logged_in: 409,
  gone: 410,
  approval_expired: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  rate_limited: 429,
  internal: 500,
  engine_error: 502,
  engine_unavailable: 503,
  storage_unavailable: 503,
  timeout: 504,
} as const satisfies Record<ErrorCode, number>;

@ApiSchema({ description: 'Why a message was refused: an `error` event with a code to decide by.' })
export class MessageErrorDto {
  @ApiProperty({ type: String, enum: ['error'] })
  type!: 'error';

  /** What was wrong, and what to do. */
  @ApiProperty()
  message!: string;

  @ApiProperty({ enum: ERROR_CODES, enumName: 'ErrorCode' })
  code!: ErrorCode;

  /** Every fault, when the message itself was at fault. */
  @ApiPropertyOptional({ type: [FieldErrorDto] })
  errors?: FieldErrorDto[];
}

/** Also the last frame of a stream that can't go on. */
export function toMessageError({ message, code, fields }: ServiceError): View<MessageErrorDto> {
  return { type: 'error', message, code, ...(fields.length > 0 && { errors: fields }) };
}

export const MESSAGES_SHAPE: ErrorShape = {
  paths: ['/messages'],
  model: MessageErrorDto,
  toAnswer: (error) => ({ status: MESSAGE_STATUSES[error.code], body: toMessageError(error) }),
};
