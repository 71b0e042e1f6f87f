import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode, type ServiceError } from '../../core/errors.js';
import { type ErrorShape } from '../../http/dialects/error-shapes.js';
import { PROBLEM_KINDS } from '../../http/problem/problem-kinds.js';
import { FieldErrorDto } from '../../http/problem/problem.views.js';
import { type View } from '../../http/view.js';

@ApiSchema({ description: 'Why a request failed: the words, and a code to decide by.' })
export class BridgeErrorDto {
  /** What was wrong, and what to do. */
  @ApiProperty()
  detail!: string;

  @ApiProperty({ enum: ERROR_CODES, enumName: 'ErrorCode' })
  code!: ErrorCode;

  /** Finds the request in the server's log; also in `X-Request-Id`. */
  @ApiProperty()
  requestId!: string;

  /** Every fault, when the request itself was at fault. */
  @ApiPropertyOptional({ type: [FieldErrorDto] })
  errors?: FieldErrorDto[];
}

function toBridgeError({ message, code, fields }: ServiceError, requestId: string): View<BridgeErrorDto> {
  return { detail: message, code, requestId, ...(fields.length > 0 && { errors: fields }) };
}

export const BRIDGE_SHAPE: ErrorShape = {
  paths: ['/api/thread', '/api/turn', '/api/skills'],
  model: BridgeErrorDto,
  toAnswer: (error, { requestId }) => ({
    status: PROBLEM_KINDS[error.code].status,
    body: toBridgeError(error, requestId),
  }),
};
