import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type ErrorCode, ServiceError, type ServiceErrorOptions } from '../../core/errors.js';
import { type ErrorAnswer, type ErrorShape } from '../../http/dialects/error-shapes.js';
import { type View } from '../../http/view.js';

interface OpenAiKind {
  readonly status: number;
  readonly type: string;
  /** `null` where OpenAI has no word for it, or the type says it all. */
  readonly code: string | null;
}

const INVALID = 'invalid_request_error';
const SERVER = 'server_error';

/** The OpenAI wire's answer to every code: what its SDKs decide by are the status and `code`. */
export const OPENAI_KINDS = {
  invalid_request: { status: 400, type: INVALID, code: null },
  unauthorized: { status: 401, type: INVALID, code: 'invalid_api_key' },
  forbidden: { status: 403, type: INVALID, code: 'forbidden' },
  not_found: { status: 404, type: INVALID, code: 'not_found' },
  thread_not_found: { status: 404, type: INVALID, code: 'thread_not_found' },
  turn_not_found: { status: 404, type: INVALID, code: 'turn_not_found' },
  approval_not_found: { status: 404, type: INVALID, code: 'approval_not_found' },
  method_not_allowed: { status: 405, type: INVALID, code: 'method_not_allowed' },
  request_timeout: { status: 408, type: INVALID, code: 'request_timeout' },
  conflict: { status: 409, type: INVALID, code: 'conflict' },
  turn_in_progress: { status: 409, type: INVALID, code: 'turn_in_progress' },
  turn_not_active: { status: 409, type: INVALID, code: 'turn_not_active' },
  version_conflict: { status: 409, type: INVALID, code: 'version_conflict' },
  idempotency_conflict: { status: 409, type: INVALID, code: 'idempotency_conflict' },
  already_answered: { status: 409, type: INVALID, code: 'already_answered' },
  not_logged_in: { status: 401, type: INVALID, code: 'not_logged_in' },
  gone: { status: 410, type: INVALID, code: 'gone' },
  approval_expired: { status: 410, type: INVALID, code: 'approval_expired' },
  payload_too_large: { status: 413, type: INVALID, code: 'payload_too_large' },
  unsupported_media_type: { status: 415, type: INVALID, code: 'unsupported_media_type' },
  unprocessable: { status: 422, type: INVALID, code: 'unprocessable' },
  thread_unreadable: { status: 422, type: INVALID, code: 'thread_unreadable' },
  rate_limited: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  internal: { status: 500, type: SERVER, code: 'internal_error' },
  engine_error: { status: 502, type: SERVER, code: 'engine_error' },
  engine_unavailable: { status: 503, type: SERVER, code: 'engine_unavailable' },
  storage_unavailable: { status: 503, type: SERVER, code: 'storage_unavailable' },
  timeout: { status: 504, type: SERVER, code: 'timeout' },
} as const satisfies Record<ErrorCode, OpenAiKind>;

export interface OpenAiFaultOptions extends ServiceErrorOptions {
  /** OpenAI's own word, such as `previous_response_not_found`. */
  openAiCode: string;
  /** The field that is at fault, such as `previous_response_id`. */
  param?: string;
}

/** An error for which OpenAI has a word of its own. */
export class OpenAiFault extends ServiceError {
  readonly openAiCode: string;
  readonly param: string | null;

  constructor(code: ErrorCode, message: string, { openAiCode, param, ...options }: OpenAiFaultOptions) {
    super(code, message, options);
    this.openAiCode = openAiCode;
    this.param = param ?? null;
  }
}

@ApiSchema({ description: 'What went wrong, as OpenAI says it.' })
export class OpenAiErrorDetailDto {
  @ApiProperty()
  message!: string;

  /** `invalid_request_error`, `rate_limit_error` or `server_error`. */
  @ApiProperty({ example: INVALID })
  type!: string;

  /** The field of the request that is at fault, such as `input[0].content`. */
  @ApiProperty({ type: String, nullable: true })
  param!: string | null;

  /** To decide by. */
  @ApiProperty({ type: String, nullable: true })
  code!: string | null;
}

@ApiSchema({ description: 'Why a request failed, in the form of the OpenAI API.' })
export class OpenAiErrorDto {
  @ApiProperty({ type: OpenAiErrorDetailDto })
  error!: OpenAiErrorDetailDto;
}

/** The body, also for an error that is told within a stream. */
export function toOpenAiError(error: ServiceError): View<OpenAiErrorDto> {
  const { type, code } = OPENAI_KINDS[error.code];
  const isOwn = error instanceof OpenAiFault;
  return {
    error: {
      message: error.message,
      type,
      param: (isOwn ? error.param : null) ?? error.fields[0]?.path ?? null,
      code: isOwn ? error.openAiCode : code,
    },
  };
}

export function toOpenAiAnswer(error: ServiceError): ErrorAnswer {
  return { status: OPENAI_KINDS[error.code].status, body: toOpenAiError(error) };
}

/** For the module of a dialect to register with `ErrorShapes`. */
export function openAiShape(paths: readonly string[]): ErrorShape {
  return { paths, model: OpenAiErrorDto, toAnswer: toOpenAiAnswer };
}
