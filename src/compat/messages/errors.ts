import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode, type ServiceError } from '../../core/errors.js';
import { type ErrorShape } from '../../http/dialects/error-shapes.js';
import { PROBLEM_KINDS } from '../../http/problem/problem-kinds.js';
import { FieldErrorDto } from '../../http/problem/problem.views.js';
import { type View } from '../../http/view.js';

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
  toAnswer: (error) => ({ status: PROBLEM_KINDS[error.code].status, body: toMessageError(error) }),
};
