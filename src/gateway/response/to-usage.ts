import { type LanguageModelV4Usage } from '@ai-sdk/provider';

/** The `usage` of a response; what the provider does not count is 0. */
export function toUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): Record<string, unknown> {
  const input = inputTokens.total ?? 0;
  const output = outputTokens.total ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: inputTokens.cacheRead ?? 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: outputTokens.reasoning ?? 0 },
    total_tokens: input + output,
  };
}
