/**
 * Codes that a failed response can have, in the words of the Responses API. The engine gives up at once on the first
 * three, and asks again after the others; after `rate_limit_exceeded` it waits for as long as the message says.
 */
export type FailureCode =
  'invalid_prompt' | 'context_length_exceeded' | 'insufficient_quota' | 'rate_limit_exceeded' | 'server_error';

/** Why a request has no answer: what a failed response says of it. */
export class GatewayError extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'GatewayError';
  }
}

/** For what can't be said on the provider's wire, where the answer would be wrong without it. */
export function untranslatable(what: string): GatewayError {
  return new GatewayError('invalid_prompt', `${what} can't be sent to this provider.`);
}
