import { type OpenAiFault, toOpenAiAnswer } from '../../../../src/compat/openai/errors.js';
import { toTurnOutcome } from '../../../../src/compat/openai/turn-outcome.js';
import { ServiceError } from '../../../../src/core/errors.js';

function fault(message: string, info: unknown): object {
  try {
    return { outcome: toTurnOutcome({ status: 'failed', error: { message, codex_error_info: info } }) };
  } catch (error) {
    const { status, body } = toOpenAiAnswer(ServiceError.from(error));
    return { status, ...(body as { error: object }).error };
  }
}

const http = (status: number): object => ({ http_connection_failed: { http_status_code: status } });

describe('the end of a turn in the words of OpenAI', () => {
  it('is an answer, whole or not', () => {
    expect(toTurnOutcome({ status: 'completed', error: null })).toBe('stop');
    expect(fault('No.', 'cyber_policy')).toEqual({ outcome: 'content_filter' });
    expect(fault('Incomplete response returned, reason: content_filter', 'other')).toEqual({
      outcome: 'content_filter',
    });
    expect(fault('Incomplete response returned, reason: max_output_tokens', 'other')).toEqual({ outcome: 'length' });
  });

  it.each([
    ['context_window_exceeded', 400, 'context_length_exceeded'],
    ['unauthorized', 401, 'not_logged_in'],
    [http(401), 401, 'not_logged_in'],
    [http(402), 429, 'insufficient_quota'],
    ['usage_limit_exceeded', 429, 'insufficient_quota'],
    [http(403), 403, 'forbidden'],
    [http(404), 404, 'model_not_found'],
    ['rate_limit_exceeded', 429, 'rate_limit_exceeded'],
    [{ response_too_many_failed_attempts: { http_status_code: 429 } }, 429, 'rate_limit_exceeded'],
    ['server_overloaded', 503, 'server_overloaded'],
    [http(503), 503, 'server_overloaded'],
    ['internal_server_error', 502, 'upstream_error'],
    [{ response_stream_disconnected: { http_status_code: null } }, 502, 'upstream_error'],
    ['other', 400, 'invalid_prompt'],
    ['bad_request', 400, 'invalid_prompt'],
    [null, 502, 'upstream_error'],
  ])('%j is %i %s', (info, status, code) => {
    expect(fault('It failed.', info)).toMatchObject({ status, code });
  });

  it.each([
    ['stream disconnected before completion: It broke.', 502, 'upstream_error'],
    ['Fatal error: the model is gone', 502, 'upstream_error'],
    ['Missing environment variable: `KEY`.', 502, 'upstream_error'],
    ['unexpected status 418: tea', 502, 'upstream_error'],
    ['No such file or directory (os error 2)', 502, 'upstream_error'],
    ['Not this.', 400, 'invalid_prompt'],
    ['LM Studio (http://127.0.0.1:1234/v1) answered 401 Unauthorized: Bad key.', 401, 'not_logged_in'],
    ['LM Studio (http://127.0.0.1:1234/v1) answered 404 Not Found: no model', 404, 'model_not_found'],
  ])('%s is %i %s, of all that the engine calls other', (message, status, code) => {
    expect(fault(message, 'other')).toMatchObject({ status, code });
  });

  it("is the provider's own refusal, in its words", () => {
    const body = { error: { message: 'Bad schema.', type: 'x', param: 'text.format', code: 'invalid_json_schema' } };
    expect(fault(JSON.stringify(body), 'other')).toEqual({
      status: 400,
      message: 'Bad schema.',
      type: 'invalid_request_error',
      param: 'text.format',
      code: 'invalid_json_schema',
    });
  });

  it('does not tell where the provider is, but when to come again', () => {
    expect(fault('unexpected status 503: full, url: http://10.0.0.1/v1/responses', http(503))).toMatchObject({
      message: 'unexpected status 503: full',
    });
    const limited = (): unknown =>
      toTurnOutcome({
        status: 'failed',
        error: { message: 'try again in 2.5s', codex_error_info: 'rate_limit_exceeded' },
      });
    expect(limited).toThrow(expect.objectContaining({ retryAfterSeconds: 2.5 }) as OpenAiFault);
  });

  it('is an error when it was interrupted', () => {
    expect(() => toTurnOutcome({ status: 'interrupted', error: null })).toThrow(
      expect.objectContaining({ code: 'conflict', openAiCode: 'turn_interrupted' }) as OpenAiFault,
    );
  });
});
