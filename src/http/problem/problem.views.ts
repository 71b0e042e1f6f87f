import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ERROR_CODES, type ErrorCode } from '../../core/errors.js';

@ApiSchema({ description: 'One fault of a request.' })
export class FieldErrorDto {
  /** Where it is, such as `input[0].text` or `?limit`. */
  @ApiProperty({ example: 'input[0].text' })
  path!: string;

  /** What is wrong with it. */
  @ApiProperty({ example: 'must be a string' })
  message!: string;
}

@ApiSchema({ description: 'The same error in the form that older clients read.' })
export class ProblemErrorDto {
  @ApiProperty({ enum: ERROR_CODES, enumName: 'ErrorCode' })
  code!: ErrorCode;

  @ApiProperty()
  message!: string;
}

@ApiSchema({ description: 'Why a request failed (RFC 9457).' })
export class ProblemDto {
  /** Names the kind of problem: `urn:codex-web:problem:<code>`. */
  @ApiProperty({ example: 'urn:codex-web:problem:invalid_request' })
  type!: string;

  /** The kind of problem in words. */
  @ApiProperty({ example: 'Invalid request' })
  title!: string;

  /** The HTTP status. */
  @ApiProperty({ type: 'integer', example: 400 })
  status!: number;

  /** What was wrong with this request, and what to do. */
  @ApiProperty()
  detail!: string;

  /** The path that was asked for. */
  @ApiProperty({ example: '/api/v2/threads' })
  instance!: string;

  /** One of a closed list, to decide by. */
  @ApiProperty({ enum: ERROR_CODES, enumName: 'ErrorCode' })
  code!: ErrorCode;

  /** Finds the request in the server's log; also in `X-Request-Id`. */
  @ApiProperty()
  request_id!: string;

  /** Every fault, when the request itself was at fault. */
  @ApiPropertyOptional({ type: [FieldErrorDto] })
  errors?: FieldErrorDto[];

  @ApiProperty({ type: ProblemErrorDto })
  error!: ProblemErrorDto;
}
