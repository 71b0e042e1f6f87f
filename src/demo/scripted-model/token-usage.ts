import { type ModelRequest } from './model-request.js';
import { type TokenUsage } from './step.js';

const charsPerToken = 4;

/** Usage that follows from lengths alone, four characters a token: the same request and answer give the same counts. */
export function estimateUsage(request: ModelRequest, output: readonly Record<string, unknown>[]): TokenUsage {
  const reasoning = toTokens(output.filter(({ type }) => type === 'reasoning'));
  const other = toTokens(output.filter(({ type }) => type !== 'reasoning'));
  const input = Math.ceil(request.inputChars / charsPerToken);
  return { input, cached: 0, output: reasoning + other, reasoning };
}

/** Only what the model put into words counts: neither ids nor the wire's own field names. */
function toTokens(items: readonly Record<string, unknown>[]): number {
  const chars = items.flatMap(({ content, summary, input, arguments: args }) => [content, summary, input, args]);
  return Math.ceil(chars.reduce<number>((sum, value) => sum + countChars(value), 0) / charsPerToken);
}

function countChars(value: unknown): number {
  if (typeof value === 'string') {
    return value.length;
  }
  return Array.isArray(value) ? (value as { text?: string }[]).reduce((sum, { text = '' }) => sum + text.length, 0) : 0;
}

/** The `usage` member of a completed response. */
export function toUsageFields({ input, cached, output, reasoning }: TokenUsage): Record<string, unknown> {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
